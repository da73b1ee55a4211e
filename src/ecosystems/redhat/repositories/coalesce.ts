/** How layers with rpms add up: the newest database counts, and each package is from the repositories of its layer. */

import type { Coalesced, LayerDetections } from '../../../contract/coalesce.ts';
import type { Repository } from '../../../model/package.ts';
import { newestDatabase } from '../../coalesce.ts';
import { RHEL_REPOSITORY } from '../scopes/scopes.ts';

/** As `newestDatabase`, with the repositories of Red Hat's packages, whose CPEs the resolver has found. */
export function coalesceRpms(layers: readonly LayerDetections[]): Coalesced {
  const known = layers.map(withoutUnknown);
  const byLayer = propagate(known.map(repositoriesIn));
  const byUri = Map.groupBy(known.flatMap(allRepositoriesIn), ({ uri }) => uri);
  // An image of Red Hat of which nothing is known has none; elsewhere there are no such repositories.
  const none = known.some(isOfRedHat) ? [] : undefined;
  return newestDatabase(known, ({ hint }, layer) =>
    // What is from EPEL, or what dnf has from another repository than Red Hat's, is not of theirs, whatever else the layer has.
    hint === undefined ? (byLayer[layer] ?? none) : distinct(byUri.get(hint) ?? []),
  );
}

/** Whether the layer says that it is one of Red Hat's distributions. */
export function isOfRedHat({ found }: LayerDetections): boolean {
  return found.some((item) => item.found === 'distribution' && RED_HATS.has(item.distribution.did));
}

const RED_HATS: ReadonlySet<string> = new Set(['rhel', 'hummingbird']);

function withoutUnknown(layer: LayerDetections): LayerDetections {
  const found = layer.found.filter(
    (item) => item.found !== 'repository' || item.repository.key !== RHEL_REPOSITORY || item.repository.cpe,
  );
  return { ...layer, found };
}

/** Those of Red Hat, which any rpm of the layer may be from. */
function repositoriesIn(layer: LayerDetections): Repository[] {
  return allRepositoriesIn(layer).filter(({ key }) => key === RHEL_REPOSITORY);
}

/** Those too that only packages are from whose hints name them. */
function allRepositoriesIn({ found }: LayerDetections): Repository[] {
  return found.flatMap((item) => (item.found === 'repository' ? [item.repository] : []));
}

/** A layer that says none has those of the nearest below that says some, the first layers those of the nearest above. */
function propagate(own: readonly (readonly Repository[])[]): (readonly Repository[] | undefined)[] {
  let nearest = own.find((repositories) => repositories.length > 0);
  return own.map((repositories) => (nearest = repositories.length > 0 ? repositories : nearest));
}

function distinct(repositories: readonly Repository[]): Repository[] | undefined {
  if (repositories.length === 0) return undefined;
  return [...new Map(repositories.map((each) => [each.cpe, each])).values()];
}
