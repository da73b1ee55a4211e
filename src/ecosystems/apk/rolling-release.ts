/** Finds out that a layer is of Wolfi or of Chainguard. */

import type { Detector } from '../../contract/detector.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { OS_RELEASE, osReleaseOf } from './os-release-file.ts';
import { ROLLING } from './rolling.ts';

/** Wolfi and Chainguard by os-release(5). */
// differs: Clair does not know these distributions (clair-indexing.md#unknown-distributions)
export const rollingRelease: Detector = {
  id: 'wolfi',
  revision: '1',
  kind: 'distribution',
  paths: OS_RELEASE,
  *read(layer) {
    const release = osReleaseOf(layer);
    const known = ROLLING.find(({ id }) => id === release?.id);
    if (release === undefined || known === undefined) return;
    const { values } = release;
    yield {
      found: 'distribution',
      distribution: {
        ...NO_DISTRIBUTION,
        did: known.id,
        name: values.get('NAME') ?? known.name,
        // Only a date; advisories do not depend on it.
        versionId: values.get('VERSION_ID') ?? '',
        prettyName: values.get('PRETTY_NAME') ?? known.name,
      },
    };
  },
};
