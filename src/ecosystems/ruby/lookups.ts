/** What of an index report is looked up in the advisories of RubyGems. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

/** The scope of all advisories of RubyGems. */
export const RUBYGEMS_SCOPE = 'rubygems';

/** A package from the repository `rubygems`. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== RUBYGEMS.name || found.kind !== 'binary') return [];
  return [{ scope: RUBYGEMS_SCOPE, name: found.name, kind: 'binary', version: found.version }];
}
