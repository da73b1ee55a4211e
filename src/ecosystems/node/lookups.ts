/** What of an index report is looked up in the advisories of npm. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { NPM } from './detect-package-json.ts';

/** The scope of all advisories of npm. */
export const NPM_SCOPE = 'npm';

/** A package from the repository `npm`; names are compared as written (old ones differ in case only). */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== NPM.name || found.kind !== 'binary') return [];
  return [{ scope: NPM_SCOPE, name: found.name, kind: 'binary', version: found.version }];
}
