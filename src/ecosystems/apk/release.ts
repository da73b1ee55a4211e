/** Finds which release of Alpine Linux a layer is of. */
import { parseOsRelease } from '../../formats/os-release.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import type { Detector, LayerFile } from '../contract.ts';

// os-release(5): etc/ takes precedence over usr/lib/.
const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];
const ISSUE = 'etc/issue';

const NAME = 'Alpine Linux';

/** Alpine Linux by os-release(5), else by the greeting in etc/issue. */
// differs: usr/lib/os-release is read too, and a line that is no assignment is skipped (indexing.md §9.8)
export const release: Detector = {
  id: 'alpine',
  revision: '3',
  kind: 'distribution',
  paths: [...OS_RELEASE, ISSUE],
  *read(layer) {
    for (const path of OS_RELEASE) {
      const values = parseOsRelease(textOf(layer.file(path)));
      const id = values.get('ID');
      if (id === undefined) continue;
      if (id.toLowerCase() !== 'alpine') return;
      const distribution = fromOsRelease(values);
      if (distribution !== undefined) yield { found: 'distribution', distribution };
      else
        yield {
          found: 'problem',
          where: path,
          reason: 'VERSION_ID of Alpine Linux is missing or names no release',
        };
      return;
    }
    const distribution = fromIssue(textOf(layer.file(ISSUE)));
    if (distribution !== undefined) yield { found: 'distribution', distribution };
  },
};

function textOf(file: LayerFile | undefined): string {
  return file?.read().toString() ?? '';
}

function fromOsRelease(values: ReadonlyMap<string, string>): Distribution | undefined {
  const versionId = values.get('VERSION_ID') ?? '';
  const prettyName = values.get('PRETTY_NAME');
  // Edge calls itself by the release to come: VERSION_ID=3.19_alpha20230901.
  const isEdge = prettyName === `${NAME} edge` || versionId.includes('_alpha');
  const version = isEdge ? 'edge' : /^\d+\.\d+/.exec(versionId)?.[0];
  return version === undefined ? undefined : distributionOf(version, values.get('NAME'), prettyName);
}

function fromIssue(text: string): Distribution | undefined {
  const [, version, rest = ''] = /Alpine Linux (\d+\.\d+)([^\n]*)/.exec(text) ?? [];
  if (version === undefined) return /Alpine Linux edge\b/.test(text) ? distributionOf('edge') : undefined;
  return distributionOf(rest.includes('(edge)') ? 'edge' : version);
}

function distributionOf(version: string, name = NAME, prettyName?: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did: 'alpine',
    name,
    version,
    prettyName: prettyName ?? `${NAME} ${version === 'edge' ? version : `v${version}`}`,
  };
}
