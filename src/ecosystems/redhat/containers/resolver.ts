/** Gives containers the names of their repositories in the catalog, by the mapping that Red Hat publishes. */

import type { LayerDetection, LayerDetections } from '../../../contract/coalesce.ts';
import type { Resolve, ResolverContext } from '../../../contract/resolver.ts';
import { fieldOf, fieldsIn, identifierOf } from '../../../formats/json/file.ts';
import { type Kept, keepMapping } from '../mapping/kept-mapping.ts';
import { mappingSettings } from '../mapping/settings.ts';
import { dockerfileContainers } from './detect-dockerfile.ts';

const KEYS = {
  section: 'indexer.scanner.package.rhel_containerscanner',
  url: 'name2repos_mapping_url',
  file: 'name2repos_mapping_file',
  defaultUrl: 'https://security.access.redhat.com/data/metrics/container-name-repos-map.json',
} as const;

const DETECTOR = `${dockerfileContainers.id}:${dockerfileContainers.revision}:${dockerfileContainers.kind}`;

/** Name of a container -> its repositories. */
type RepositoriesOf = ReadonlyMap<string, readonly string[]>;

/** The resolver of the containers. Throws `bad-config`. */
export function containerResolver(context: ResolverContext): Resolve {
  const settings = mappingSettings(context.config('package', dockerfileContainers.id), KEYS);
  const mapping = keepMapping('the mapping of containers to repositories', settings, readMapping, context);
  return async (layers, signal) => {
    if (!layers.some(({ found }) => found.some(isNamed))) return layers;
    const kept = await mapping(signal);
    return layers.map((layer) => (layer.found.some(isNamed) ? resolveLayer(layer, kept) : layer));
  };
}

/** Those that labels.json tells of have the name of their repository already, and a source has none. */
function isNamed(item: LayerDetection): boolean {
  return item.found === 'package' && item.detector === DETECTOR && item.package.kind !== 'source';
}

function resolveLayer(layer: LayerDetections, { value, reason: why }: Kept<RepositoriesOf>): LayerDetections {
  const found = layer.found.flatMap((item): LayerDetection[] => {
    if (item.found !== 'package' || !isNamed(item)) return [item];
    // A name that the mapping does not have is the name of its repository.
    const names = value?.get(item.package.name) ?? [item.package.name];
    return names.map((name) => ({ ...item, package: { ...item.package, name } }));
  });
  if (value !== undefined) return { ...layer, found };
  const reason = `${why}; advisories for containers in repositories with other names are missing`;
  return {
    ...layer,
    found: [...found, { found: 'problem', where: KEYS.section, reason, passing: true, detector: DETECTOR }],
  };
}

/** `{"data": {NAME: [REPOSITORY, …]}}` */
function readMapping(document: unknown): RepositoriesOf {
  const data = fieldOf(document, 'data');
  if (typeof data !== 'object' || data === null) throw new TypeError('there is no "data" in it');
  return new Map(
    fieldsIn(data).flatMap(([name, listed]) => {
      const names = Array.isArray(listed) ? listed.flatMap((each) => identifierOf(each) ?? []) : [];
      return names.length > 0 ? [[name, [...new Set(names)].sort()] as const] : [];
    }),
  );
}
