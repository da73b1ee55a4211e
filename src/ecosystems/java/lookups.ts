/** What of an index report is looked up in the advisories of Maven. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

/** The scope of all advisories of Maven. */
export const MAVEN_SCOPE = 'maven';

/** A package from the repository `maven`: `group:artifact`, as the advisories name it. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== MAVEN_CENTRAL.name || found.kind !== 'binary') return [];
  return [{ scope: MAVEN_SCOPE, name: found.name, kind: 'binary', version: found.version }];
}
