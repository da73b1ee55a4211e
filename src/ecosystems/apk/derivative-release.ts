/** Finds which distribution of apk packages other than Alpine Linux a layer is of. */

import type { Detector } from '../../contract/detector.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { derivativeKey, rowOf } from './distributions.ts';
import { OS_RELEASE, osReleaseOf } from './os-release-file.ts';

/** Wolfi, Chainguard, MinimOS and others by os-release(5). */
// differs: Clair does not know these distributions (clair-indexing.md#unknown-distributions)
export const derivativeRelease: Detector = {
  id: 'wolfi',
  revision: '2',
  kind: 'distribution',
  paths: OS_RELEASE,
  *read(layer) {
    const release = osReleaseOf(layer);
    const row = release && rowOf(release.id);
    if (release === undefined || row === undefined) return;
    const { path, values } = release;
    const distribution = {
      ...NO_DISTRIBUTION,
      did: row.id,
      name: values.get('NAME') ?? row.name,
      versionId: values.get('VERSION_ID') ?? '',
      prettyName: values.get('PRETTY_NAME') ?? row.name,
    };
    yield { found: 'distribution', distribution };
    if (derivativeKey(distribution) === undefined)
      yield { found: 'problem', where: path, reason: `VERSION_ID of ${row.name} names no release` };
  },
};
