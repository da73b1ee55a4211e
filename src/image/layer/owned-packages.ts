/** Which of the packages that are files of their own belong to the operating system's. */
import type { LayerView } from '../../contract/detector.ts';
import { byteOrder } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';

/** Returns the paths of packages that a package of the operating system has brought, in byte order. */
export function ownedPackages(
  runs: readonly DetectorRun[],
  views: ReadonlyMap<DetectorRun, LayerView>,
): string[] {
  const owners = [...views].filter(([{ detector, broken }]) => detector.owns !== undefined && !broken);
  if (owners.length === 0) return [];
  const others = runs.filter(({ detector }) => detector.owns === undefined);
  const ofOthers = pathsOf(others.filter(({ detector }) => !detector.findsProducts));
  const ofProducts = pathsOf(others.filter(({ detector }) => detector.findsProducts));
  const paths = new Set([...ofOthers, ...ofProducts]);
  if (paths.size === 0) return [];
  const products = new Set([...ofProducts].filter((path) => !ofOthers.has(path)));
  const owned = new Set(owners.flatMap(([run, view]) => run.owned(view, paths, products)));
  return [...owned].sort(byteOrder);
}

function pathsOf(runs: readonly DetectorRun[]): Set<string> {
  return new Set(runs.flatMap((run) => run.ownablePaths()));
}
