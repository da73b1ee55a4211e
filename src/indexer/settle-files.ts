/**
 * What becomes of packages that are files of their own: those that the operating system's packages own are theirs, and
 * a file that a higher layer replaces is gone, whatever is there now.
 */
import type { Detector } from '../contract/detector.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { pathDigest, readPathDigests } from '../image/layer/path-digests.ts';
import { detectorKey } from './indexer-state.ts';

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
 * directory in place of a directory that they were in. (Whiteouts hide nothing of their own layer.)
 */
function withReplaced(layers: readonly LayerScan[], detectors: ReadonlySet<string>): LayerScan[] {
  const below = new Map<string, Place>();
  return layers.map((layer) => {
    const has = readPathDigests(layer.paths);
    const own = layer.found.flatMap((found) =>
      found.found === 'package' && detectors.has(found.detector) ? [placeAt(found.package.path, has)] : [],
    );
    // Where packages replace packages every ecosystem knows what becomes of them.
    const found = new Set(own.map(({ path }) => path));
    const replaced = [...below.values()].filter(({ path, digests }) => !found.has(path) && digests.some(has));
    for (const { path } of replaced) below.delete(path);
    for (const place of own) below.set(place.path, place);
    if (replaced.length === 0) return layer;
    return { ...layer, whiteouts: [...layer.whiteouts, ...replaced.map(({ path }) => path)] };
  });
}

/** A path, and what would take it away if a higher layer has it. */
export interface Place {
  readonly path: string;
  /** Of what would replace it. */
  readonly digests: readonly number[];
}

export function placeAt(path: string, has: (digest: number) => boolean): Place {
  const digests = [pathDigest(path), pathDigest(`${path}/`)];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const folder = path.slice(0, slash);
    // Only if it was a directory for sure: where it is a link of a lower layer, writing that link again replaces nothing.
    if (has(pathDigest(`${folder}/`))) digests.push(pathDigest(folder));
  }
  return { path, digests };
}
