/** Which layers of a published database an image needs, and whose feeds it can stand in for. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { headOf } from './group-layers.ts';

interface Layer {
  readonly scopes: readonly string[];
}

/** Whether the feeds of a layer speak of packages of any of these ecosystems; facts about CVEs are for all. */
export function isNeeded({ scopes }: Layer, ecosystems: readonly Ecosystem[]): boolean {
  return scopes.length === 0 || ecosystems.some((ecosystem) => speaksOf(scopes, ecosystem));
}

/** The sets of the ecosystems that no layer speaks of: upstream has to be asked for them. */
export function setsWithout(layers: readonly Layer[], ecosystems: readonly Ecosystem[]): string[] {
  const without = ecosystems.filter(
    (ecosystem) => ecosystem.feeds.length > 0 && !layers.some(({ scopes }) => speaksOf(scopes, ecosystem)),
  );
  return [...new Set(without.flatMap(({ feeds }) => feeds.map(({ set }) => set)))];
}

function speaksOf(scopes: readonly string[], { scopes: own }: Ecosystem): boolean {
  return own.some((each) => scopes.includes(headOf(each)));
}
