/** What of a NuGet package is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { NUGET } from './detect-deps.ts';

/** The one scope of all NuGet packages. */
export const NUGET_SCOPE = 'nuget';

/** NuGet: ids are the same in any case. */
export function normaliseName(name: string): string {
  return name.toLowerCase();
}

/** A package from the repository `nuget`. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== NUGET.name || found.kind !== 'binary') return [];
  return [{ scope: NUGET_SCOPE, name: normaliseName(found.name), kind: 'binary', version: found.version }];
}
