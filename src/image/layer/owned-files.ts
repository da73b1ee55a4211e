/** Which files of a layer the packages of the operating system have brought. */
import type { LayerView } from '../../contract/detector.ts';
import type { DetectorRun } from './detector-run.ts';

export interface Owned {
  /** Of packages that are files of their own, where they are: those that are the distribution's, whose advisories speak for them. */
  readonly packages: ReadonlySet<string>;
  /** Of all that was asked, whoever made the owner. */
  readonly all: ReadonlySet<string>;
}

/** Asks of all packages that are files of their own, and of those of `files`. */
export function ownedFiles(
  runs: readonly DetectorRun[],
  views: ReadonlyMap<DetectorRun, LayerView>,
  files: Iterable<string>,
): Owned {
  const [packages, all] = [new Set<string>(), new Set<string>()];
  // Who has read no database knows of no file: a layer may have a million of them.
  const owners = [...views].filter(
    ([{ detector, broken }, { files }]) => detector.owns !== undefined && !broken && files.length > 0,
  );
  if (owners.length === 0) return { packages, all };
  const others = runs.filter(({ detector }) => detector.owns === undefined);
  const ofOthers = pathsOf(others.filter(({ detector }) => !detector.findsProducts));
  const products = others.filter(({ detector }) => detector.findsProducts);
  const ofProducts = pathsOf(products);
  const programs = new Map(products.flatMap((run) => run.packages()));
  const paths = new Set([...ofOthers, ...ofProducts, ...files]);
  if (paths.size === 0) return { packages, all };
  for (const [run, view] of owners) {
    for (const { path, maker } of run.owned(view, paths, programs)) {
      all.add(path);
      // Where nothing but products were found, the distribution has them as well.
      const isOwn = ofOthers.has(path) ? maker === 'distribution' : ofProducts.has(path) && maker !== 'other';
      if (isOwn) packages.add(path);
    }
  }
  return { packages, all };
}

function pathsOf(runs: readonly DetectorRun[]): Set<string> {
  return new Set(runs.flatMap((run) => run.ownablePaths()));
}
