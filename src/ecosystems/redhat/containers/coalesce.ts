/** How layers with containers of Red Hat add up: the topmost is the image, those below are what it was built on. */

import type { Coalesced, LayerDetections } from '../../../contract/coalesce.ts';
import { byPath } from '../../coalesce.ts';

/**
 * Every layer's container with the repositories of its layer. Those below the topmost are shown, with a version that
 * nothing matches: the image on top was released with what it has of them. Removing the file that tells of a
 * container removes nothing of what is in it, so that whiteouts do not count.
 */
export function coalesceContainers(layers: readonly LayerDetections[]): Coalesced {
  const isContainer = ({ found }: LayerDetections) =>
    found.some((item) => item.found === 'package') && found.some((item) => item.found === 'repository');
  const top = layers.findLastIndex(isContainer);
  return byPath(
    layers.map((layer, index) => ({
      layer: layer.layer,
      whiteouts: [],
      found: layer.found.flatMap((item): LayerDetections['found'] => {
        if (item.found !== 'package') return [item];
        // clair-quirk: a container of no repository is not reported
        if (!isContainer(layer)) return [];
        const { normalizedVersion, ...rest } = item.package;
        const below = index < top ? normalizedVersion?.replace(/^[^:]*/, 'unmatchable') : normalizedVersion;
        const version = below === undefined ? {} : { normalizedVersion: below };
        // A path of its own for each layer: the same file in a higher layer tells of another container.
        return [{ ...item, package: { ...rest, ...version, path: `${index}:${rest.path}` } }];
      }),
    })),
  );
}
