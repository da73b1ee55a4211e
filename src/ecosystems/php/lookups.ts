/** What of a Composer package is looked up in the advisories. */

import { lookupsOf } from '../osv-language.ts';
import { PACKAGIST } from './detect-installed.ts';

/** The one scope of all PHP packages. */
export const PACKAGIST_SCOPE = 'packagist';

/** Composer: names are lower case; older packages were written in any. */
export function normaliseName(name: string): string {
  return name.toLowerCase();
}

/** A package at its version; a branch (`dev-main`) comes out as undecided where there are advisories, never as safe. */
export const lookups = lookupsOf({ scope: PACKAGIST_SCOPE, repository: PACKAGIST, normaliseName });
