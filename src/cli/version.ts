/** The version of the programs, as reports name it. */

/** That of package.json. */
export const VERSION = '0.1.0';
