/** What of an index report is looked up in the advisories of npm. */

import { lookupsOf } from '../osv-language.ts';
import { NPM } from './detect-package-json.ts';

/** The scope of all advisories of npm. */
export const NPM_SCOPE = 'npm';

/** A package from the repository `npm`; names are compared as written (old ones differ in case only). */
export const lookups = lookupsOf({ scope: NPM_SCOPE, repository: NPM });
