/** What of an index report is looked up in the advisories of Maven. */

import { lookupsOf } from '../osv-language.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

/** The scope of all advisories of Maven. */
export const MAVEN_SCOPE = 'maven';

/** A package from the repository `maven`: `group:artifact`, as the advisories name it. */
export const lookups = lookupsOf({ scope: MAVEN_SCOPE, repository: MAVEN_CENTRAL });
