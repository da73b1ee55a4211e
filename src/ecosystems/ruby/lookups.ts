/** What of an index report is looked up in the advisories of RubyGems. */

import { lookupsOf } from '../osv-language.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

/** The scope of all advisories of RubyGems. */
export const RUBYGEMS_SCOPE = 'rubygems';

/** A package from the repository `rubygems`. */
export const lookups = lookupsOf({ scope: RUBYGEMS_SCOPE, repository: RUBYGEMS });
