/** Finds containers of Red Hat by the Dockerfile that its former build system left in each. */

import type { Detection, Detector, Entry, LayerFile, LayerView } from '../../../contract/detector.ts';
import { identifierOf } from '../../../formats/json/file.ts';
import type { Repository } from '../../../model/package.ts';
import { RHCC_REPOSITORY } from '../scopes/scopes.ts';
import { normalizedTag, packagesOf } from './container.ts';
import { labelsOf } from './dockerfile-labels.ts';
import { parseRhcTag } from './version.ts';

/** `Dockerfile-NAME-VERSION-RELEASE`, where NAME may have dashes. */
const PATH = /^root\/buildinfo\/Dockerfile-(?:[^/]*-)?([^-/]+-[^-/]+)$/;

const MAX_BYTES = 1024 * 1024;

/** The catalog as a repository: of containers that it knows by name and tag alone. */
export const CATALOG: Repository = {
  name: 'Red Hat Container Catalog',
  key: RHCC_REPOSITORY,
  uri: 'https://catalog.redhat.com/software/containers/explore',
};

/** The package detector `rhel_containerscanner` of Clair. */
export const dockerfileContainers: Detector = {
  id: 'rhel_containerscanner',
  revision: '3',
  kind: 'package',
  wants: isDockerfile,
  *read(layer: LayerView): Generator<Detection> {
    const [file] = layer.files;
    if (file !== undefined) yield* readContainer(file);
  },
};

/** The repository detector of that name. */
export const dockerfileRepositories: Detector = {
  id: 'rhel_containerscanner',
  revision: '1',
  kind: 'repository',
  wants: isDockerfile,
  *read({ files: [file] }: LayerView): Generator<Detection> {
    if (file === undefined) return;
    // differs: only what is a container makes the layer one of the catalog's, not the name of a file (clair-indexing.md#red-hat-containers)
    for (const item of readContainer(file)) {
      if (item.found === 'problem') yield item;
      else if (item.found === 'package' && item.package.kind === 'binary') {
        yield { found: 'repository', repository: CATALOG };
      }
    }
  },
};

function isDockerfile({ path, type }: Entry): boolean {
  const tag = PATH.exec(path)?.[1];
  return tag !== undefined && parseRhcTag(tag) !== undefined && type !== 'directory' && type !== 'other';
}

function* readContainer(file: LayerFile): Generator<Detection> {
  const version = PATH.exec(file.path)?.[1];
  const tag = version === undefined ? undefined : parseRhcTag(version);
  if (version === undefined || tag === undefined) return;
  if (file.size > MAX_BYTES) {
    yield { found: 'problem', where: file.path, reason: `bigger than ${MAX_BYTES} bytes` };
    return;
  }
  const labels = labelsOf(file.read().toString('utf8', 0, MAX_BYTES));
  const [component, name, arch] = ['com.redhat.component', 'name', 'architecture'].map((label) =>
    identifierOf(labels.get(label)),
  );
  // Anybody may put a file of such a name there: only these labels make it one of Red Hat's.
  if (component === undefined || name === undefined || arch === undefined) {
    if (component !== undefined)
      yield {
        found: 'problem',
        where: file.path,
        reason: 'it has the label com.redhat.component, but not name and architecture',
      };
    return;
  }
  const normalizedVersion = normalizedTag(tag.major || '0', tag.minor || '0');
  const container = {
    name,
    component,
    version,
    arch,
    ...(normalizedVersion && { normalizedVersion }),
    path: file.path,
  };
  for (const each of packagesOf(container)) yield { found: 'package', package: each };
}
