/** Which release this is. */

declare const CLAIR_COMMIT: string | undefined;

/** That of package.json. */
export const VERSION = '0.2.0';

/** The commit, put in by the build of a release; '' if it is none. */
export const COMMIT: string = typeof CLAIR_COMMIT === 'string' ? CLAIR_COMMIT : '';
