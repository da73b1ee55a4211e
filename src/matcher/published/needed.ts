/** Which layers of a published database an image needs, and whose feeds it can stand in for. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lookupsOf } from '../../ecosystems/report-lookups.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { headOf } from './group-layers.ts';

interface ScopedLayer {
  readonly scopes: readonly string[];
}

/** How the scopes begin that packages and distributions of an image are looked up in. */
export function headsOfReport(report: IndexReport, ecosystems: readonly Ecosystem[]): ReadonlySet<string> {
  const { scopes, scopesOfDistributions } = lookupsOf(report, ecosystems);
  return new Set([...scopes.flat(2), ...scopesOfDistributions.flat()].map(headOf));
}

/** Whether the feeds of a layer cover any of these scopes; facts about CVEs are for all images. */
export function isNeeded({ scopes }: ScopedLayer, heads: ReadonlySet<string>): boolean {
  return scopes.length === 0 || scopes.some((scope) => heads.has(scope));
}

/** The sets of the ecosystems some of whose scopes no layer covers: upstream has to be asked for them. */
export function setsWithout(
  layers: readonly ScopedLayer[],
  heads: ReadonlySet<string>,
  ecosystems: readonly Ecosystem[],
): string[] {
  const covered = new Set(layers.flatMap(({ scopes }) => scopes));
  const without = ecosystems.filter(({ scopes }) =>
    scopes.some((scope) => heads.has(headOf(scope)) && !covered.has(headOf(scope))),
  );
  return [...new Set(without.flatMap(({ feeds }) => feeds.map(({ set }) => set)))];
}
