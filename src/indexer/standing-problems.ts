/** What could not be read and is still there: a file that a higher layer removes or replaces hides nothing of the image. */
import { isCovered } from '../ecosystems/coalesce.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { pathDigest } from '../image/layer/path-digests.ts';
import { type Has, type Place, Places } from './places.ts';
import type { ListedProblem } from './settle-inventories.ts';

/** The problems of `layers`, from the base upwards, each once. */
export function standingProblems(layers: readonly LayerScan[]): ListedProblem[] {
  let standing: { readonly problem: ListedProblem; readonly place: Place | undefined }[] = [];
  const places = new Places();
  for (const layer of layers) {
    const has = places.enter(layer);
    const own = problemsOf(layer);
    const removed = new Set(layer.whiteouts);
    standing = standing.filter(
      ({ place }) => place === undefined || !(isCovered(place.path, removed) || place.digests.some(has)),
    );
    for (const problem of own) {
      const path = pathOf(problem.where, has);
      standing.push({ problem, place: path === undefined ? undefined : places.ofFile(path) });
    }
  }
  return [...new Map(standing.map(({ problem }) => [JSON.stringify(problem), problem])).values()];
}

/**
 * The file that a place is in: `app.jar` of `app.jar:lib/x.jar`, `status` of `status:7`. Only what the layer has, and of
 * several the longest, as names may have colons; undefined: it is of no file, and nothing takes it back.
 */
function pathOf(where: string, has: Has): string | undefined {
  if (where === '') return undefined;
  for (let end = where.length; end > 0; end = where.lastIndexOf(':', end - 1)) {
    const path = where.slice(0, end);
    if (has(pathDigest(path))) return path;
  }
  return undefined;
}

function problemsOf(layer: LayerScan): ListedProblem[] {
  return [
    ...layer.found.flatMap((item) => {
      if (item.found !== 'problem') return [];
      const { found: _found, passing: _passing, detector, ...problem } = item;
      return [{ source: detector.split(':')[0] ?? '', ...problem }];
    }),
    ...layer.problems.map((problem) => ({ source: 'layer', ...problem })),
  ];
}
