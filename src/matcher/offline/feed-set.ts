/** Which set a feed is of, by its name: what lists the feeds of a set would ask the network. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';

/** `debian/updater` is of `debian`, `alpine-main-v3.20-updater` of `alpine`; of a set that is not known, its first word. */
export function feedSetOf(
  updater: string,
  { ecosystems, enrichers }: { ecosystems: readonly Ecosystem[]; enrichers: readonly Enricher[] },
): string {
  const sets = [
    ...ecosystems.flatMap(({ feeds }) => feeds.map(({ set }) => set)),
    ...enrichers.map(({ name }) => name),
  ];
  const [longest] = sets
    .filter((set) => updater === set || updater.startsWith(`${set}/`) || updater.startsWith(`${set}-`))
    .sort((a, b) => b.length - a.length);
  return longest ?? /^[^/-]*/.exec(updater)?.[0] ?? updater;
}
