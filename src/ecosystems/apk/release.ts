/** Finds which release of Alpine Linux a layer is of. */

import type { Detector, LayerView } from '../../contract/detector.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import { OS_RELEASE, osReleaseOf } from './os-release-file.ts';

const ISSUE = 'etc/issue';
/** Its release alone: `3.19.1`, `3.21_alpha20240807`. */
const ALPINE_RELEASE = 'etc/alpine-release';

const NAME = 'Alpine Linux';

/** Alpine Linux by os-release(5), else by etc/alpine-release, else by the greeting in etc/issue. */
// differs: usr/lib/os-release and etc/alpine-release are read too, and a line that is no assignment is skipped (clair-indexing.md#one-bad-record)
export const release: Detector = {
  id: 'alpine',
  revision: '6',
  kind: 'distribution',
  paths: [...OS_RELEASE, ISSUE, ALPINE_RELEASE],
  *read(layer) {
    yield* longReleases(layer, [ISSUE, ALPINE_RELEASE]);
    const osRelease = osReleaseOf(layer);
    if (osRelease !== undefined) {
      if (osRelease.id !== 'alpine') return;
      const distribution = fromOsRelease(osRelease.values) ?? fromOthers(layer);
      if (distribution !== undefined) yield { found: 'distribution', distribution };
      else
        yield {
          found: 'problem',
          where: osRelease.path,
          reason: 'VERSION_ID of Alpine Linux is missing or names no release',
        };
      return;
    }
    const distribution = fromOthers(layer);
    if (distribution !== undefined) yield { found: 'distribution', distribution };
  },
};

function fromOsRelease(values: ReadonlyMap<string, string>): Distribution | undefined {
  const versionId = values.get('VERSION_ID') ?? '';
  const prettyName = values.get('PRETTY_NAME');
  // Edge calls itself by the release to come: VERSION_ID=3.19_alpha20230901.
  const isEdge = prettyName === `${NAME} edge` || versionId.includes('_alpha');
  // differs: a VERSION_ID of two parts is the release, of which Clair takes the first part only (clair-indexing.md#distributions)
  const version = isEdge ? 'edge' : /^\d+\.\d+/.exec(versionId)?.[0];
  return version === undefined ? undefined : distributionOf(version, values.get('NAME'), prettyName);
}

function fromOthers(layer: LayerView): Distribution | undefined {
  const [, version, isEdge] = /^(\d+\.\d+)(?:\.\d+)*(_alpha)?/.exec(releaseText(layer, ALPINE_RELEASE)) ?? [];
  if (version === undefined) return fromIssue(releaseText(layer, ISSUE));
  return distributionOf(isEdge ? 'edge' : version);
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
