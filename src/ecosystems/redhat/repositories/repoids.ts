/** From which repositories the rpms of a layer are: as its content manifest says, or dnf. */

import type { Detection, Detector, Entry, LayerView } from '../../../contract/detector.ts';
import type { Repository } from '../../../model/package.ts';
import { RHEL_REPOSITORY } from '../scopes/scopes.ts';
import { historyKey, historyOf, isHistoryPath } from './history.ts';
import { contentManifestOf, isManifestPath } from './manifest.ts';

/** The detector `rhel-repository-scanner` of Clair. What it finds are names, to which `resolver.ts` adds the CPEs. */
// differs: the mapping of names to CPEs is read after the scan, so that a newer one needs no new scan (clair-indexing.md#red-hat-repository-mapping)
export const rhelRepositories: Detector = {
  id: 'rhel-repository-scanner',
  revision: '4',
  kind: 'repository',
  wants: saysRepositories,
  *read(layer: LayerView): Generator<Detection> {
    const problems: Detection[] = [];
    const manifest = contentManifestOf(layer, problems);
    const repoids =
      manifest?.fromDnfHint === false ? manifest.contentSets : historyOf(layer, problems).values();
    for (const repoid of [...new Set(repoids)].sort()) {
      yield { found: 'repository', repository: namedRepository(repoid) };
    }
    yield* problems;
  },
};

/** Whether an entry may say from which repositories rpms are. */
export function saysRepositories({ path, type }: Entry): boolean {
  return (isManifestPath(path) || isHistoryPath(path)) && type !== 'directory' && type !== 'other';
}

/**
 * For the rpms of `layer`: the hint of one; undefined where its layer says all that there is. What cannot be read is
 * added to `problems`.
 */
export function hintsOf(
  layer: LayerView,
  problems: Detection[],
): (name: string, version: string, arch: string) => string | undefined {
  const manifest = contentManifestOf(layer, problems);
  const history = manifest?.fromDnfHint === false ? undefined : historyOf(layer, problems);
  return (name, version, arch) => {
    const repoid = history?.get(historyKey(name, version, arch));
    return repoid === undefined ? undefined : repositoryUri(repoid);
  };
}

/** A repository before its CPEs are known. */
export function namedRepository(repoid: string): Repository {
  return { key: RHEL_REPOSITORY, uri: repositoryUri(repoid) };
}

/** The name in the URI of a repository; undefined if it is another kind of URI. */
export function repoidOf(uri: string): string | undefined {
  if (!uri.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(uri.slice(PREFIX.length).replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const PREFIX = 'repoid=';

/** As a form writes it: application/x-www-form-urlencoded. */
function repositoryUri(repoid: string): string {
  const escaped = encodeURIComponent(repoid).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return PREFIX + escaped.replaceAll('%20', '+');
}
