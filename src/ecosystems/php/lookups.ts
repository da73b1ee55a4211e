/** What of a Composer package is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { PACKAGIST } from './detect-installed.ts';

/** The one scope of all PHP packages. */
export const PACKAGIST_SCOPE = 'packagist';

/** Composer: names are lower case; older packages were written in any. */
export function normaliseName(name: string): string {
  return name.toLowerCase();
}

/** A package at its version; a branch (`dev-main`) comes out as undecided where there are advisories, never as safe. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== PACKAGIST.name || found.kind !== 'binary') return [];
  return [
    { scope: PACKAGIST_SCOPE, name: normaliseName(found.name), kind: 'binary', version: found.version },
  ];
}
