/** Which release this is: put in by the build of a release. */
declare const CLAIR_VERSION: string | undefined;
declare const CLAIR_COMMIT: string | undefined;

/** E.g. `0.2.0`; `development` where the sources run, or are built for oneself. */
export const VERSION: string = typeof CLAIR_VERSION === 'string' ? CLAIR_VERSION : 'development';

/** The commit of a release; '' if it is none. */
export const COMMIT: string = typeof CLAIR_COMMIT === 'string' ? CLAIR_COMMIT : '';
