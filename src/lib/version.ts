/** Which release this is. */

declare const CLAIR_COMMIT: string | undefined;

/** That of package.json. */
export const VERSION = '0.2.0';

/** The commit, put in by the build of a release; '' if it is none. */
export const COMMIT: string = typeof CLAIR_COMMIT === 'string' ? CLAIR_COMMIT : '';

declare const CLAIR_DATABASE_REPOSITORY: string | undefined;

/** Where whoever built this release publishes the advisory database, put in by the build; '': nowhere. */
export const DATABASE_REPOSITORY: string =
  typeof CLAIR_DATABASE_REPOSITORY === 'string' ? CLAIR_DATABASE_REPOSITORY : '';
