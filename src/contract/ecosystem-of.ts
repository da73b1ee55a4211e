/** Which ecosystem the packages of a detector are of. */
import type { Ecosystem } from './ecosystem.ts';

/** Asked for each package of a report: the detectors of a list of ecosystems are gone through once. */
const known = new WeakMap<readonly Ecosystem[], ReadonlyMap<string, Ecosystem>>();

/** Returns the first of `ecosystems` that has a detector of packages with this id. */
export function ecosystemOf(detector: string, ecosystems: readonly Ecosystem[]): Ecosystem | undefined {
  let byDetector = known.get(ecosystems);
  if (byDetector === undefined) {
    const all = ecosystems.flatMap((ecosystem) =>
      ecosystem.detectors
        .filter(({ kind }) => kind === 'package')
        .map(({ id }): [string, Ecosystem] => [id, ecosystem]),
    );
    byDetector = new Map(all.reverse());
    known.set(ecosystems, byDetector);
  }
  return byDetector.get(detector);
}
