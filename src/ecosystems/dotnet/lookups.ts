/** What of a NuGet package is looked up in the advisories. */

import { lookupsOf } from '../osv-language.ts';
import { NUGET } from './detect-deps.ts';

/** The one scope of all NuGet packages. */
export const NUGET_SCOPE = 'nuget';

/** NuGet: ids are the same in any case. */
export function normaliseName(name: string): string {
  return name.toLowerCase();
}

/** A package from the repository `nuget`. */
export const lookups = lookupsOf({ scope: NUGET_SCOPE, repository: NUGET, normaliseName });
