/**
 * What becomes of packages and databases that higher layers have something else in place of: files that the operating
 * system's packages own are theirs, a file that a higher layer replaces is gone, whatever is there now, and so is all
 * that was in a folder that is a file or a link now.
 */
import type { Detection, Detector } from '../contract/detector.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { detectorKey } from './indexer-state.ts';
import { type Place, Places } from './places.ts';

/** `layers` from the base upwards, by what all of `detectors` found. */
export function settleFiles(layers: readonly LayerScan[], detectors: readonly Detector[]): LayerScan[] {
  // Those of the others are records of the operating system's databases.
  const ofFiles = new Set(
    detectors.filter(({ kind, owns }) => kind === 'package' && owns === undefined).map(detectorKey),
  );
  return withReplaced(
    layers.map((layer) => withoutOwned(layer, ofFiles)),
    ofFiles,
  );
}

/** In a layer of which the operating system has all packages there is nothing from elsewhere, so no repository either. */
function withoutOwned(layer: LayerScan, detectors: ReadonlySet<string>): LayerScan {
  if (layer.owned.length === 0) return layer;
  const owned = new Set(layer.owned);
  const lost = new Set<string>();
  const kept = layer.found.filter((found) => {
    // What cannot be read of the distribution's own files, its advisories speak for as well.
    if (found.found === 'problem') return !detectors.has(found.detector) || !owned.has(found.where);
    if (found.found !== 'package' || !detectors.has(found.detector)) return true;
    if (!owned.has(found.package.path)) return true;
    lost.add(found.detector);
    return false;
  });
  for (const found of kept) if (found.found === 'package') lost.delete(found.detector);
  return {
    ...layer,
    found: kept.filter(({ found, detector }) => found !== 'repository' || !lost.has(detector)),
  };
}

/**
 * Adds to the whiteouts of each layer the paths of packages below that it has an entry at, or has something that is no
 * directory in place of a directory that they were in. (Whiteouts hide nothing of their own layer.) A database of the
 * operating system whose file is there again is for its ecosystem to judge; without its directory it is gone as well.
 */
function withReplaced(layers: readonly LayerScan[], detectors: ReadonlySet<string>): LayerScan[] {
  const below = new Map<string, Place>();
  const places = new Places();
  return layers.map((layer) => {
    const has = places.enter(layer);
    const own = new Map<string, Place>();
    for (const found of layer.found) {
      const path = pathOf(found);
      if (path === undefined || own.has(path)) continue;
      own.set(path, detectors.has(found.detector) ? places.ofFile(path) : places.inFolder(path));
    }
    // Where packages replace packages every ecosystem knows what becomes of them.
    const replaced = [...below.values()].filter(({ path, digests }) => !own.has(path) && digests.some(has));
    for (const { path } of replaced) below.delete(path);
    for (const [path, place] of own) below.set(path, place);
    if (replaced.length === 0) return layer;
    return { ...layer, whiteouts: [...layer.whiteouts, ...replaced.map(({ path }) => path)] };
  });
}

function pathOf(found: Detection): string | undefined {
  if (found.found === 'package') return found.package.path;
  return found.found === 'database' ? found.path : undefined;
}
