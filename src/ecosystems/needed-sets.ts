/** Which sets of feeds an image needs: one image needs few, and all of them are gigabytes. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { IndexReport } from '../model/index-report.ts';
import { scopesByEcosystem } from './report-lookups.ts';
import { isOfScopes } from './scopes.ts';

/** The names of the sets that speak of a scope in which something of `report` is looked up, each once. */
export function setsOf(report: IndexReport, ecosystems: readonly Ecosystem[]): string[] {
  const sets = [...scopesByEcosystem(report, ecosystems)].flatMap(([ecosystem, wanted]) => {
    const speaks = (own: readonly string[]) => [...wanted].some((scope) => isOfScopes(own, scope));
    return ecosystem.feeds.filter(({ scopes: own }) => own === undefined || speaks(own));
  });
  return [...new Set(sets.map(({ set }) => set))];
}
