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
  const paths = new Set(
    runs.filter(({ detector }) => detector.owns === undefined).flatMap((run) => run.ownablePaths()),
  );
  if (paths.size === 0) return [];
  const owned = new Set(owners.flatMap(([run, view]) => run.owned(view, paths)));
  return [...owned].sort(byteOrder);
}
