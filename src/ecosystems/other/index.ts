/** Distributions that no ecosystem reads: named, so that an image of one is never told to be without vulnerabilities. */

import type { Detector } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import type { Distribution } from '../../model/package.ts';
import { newestDatabase } from '../coalesce.ts';
import { unmatched } from '../unmatched.ts';
import { inventoriesOf } from './inventories.ts';

import { sboms } from './sboms.ts';
import { unopenedOf } from './unopened.ts';

const PLACES = ['etc/os-release', 'usr/lib/os-release']; // os-release(5): the first wins

const osRelease: Detector = {
  id: 'os-release',
  revision: '3',
  kind: 'distribution',
  paths: PLACES,
  *read(layer) {
    yield* longReleases(layer, PLACES); // for all detectors that read them
    const path = PLACES.find((each) => layer.file(each) !== undefined);
    if (path === undefined) return;
    yield { found: 'distribution', distribution: distributionOf(parseOsRelease(releaseText(layer, path))) };
  },
};

/** os-release(5) names the defaults. */
function distributionOf(fields: ReadonlyMap<string, string>): Distribution {
  const name = fields.get('NAME') || 'Linux';
  return {
    did: fields.get('ID') || 'linux',
    name,
    version: fields.get('VERSION') ?? '',
    versionCodeName: fields.get('VERSION_CODENAME') ?? '',
    versionId: fields.get('VERSION_ID') ?? '',
    arch: '',
    cpe: '',
    prettyName: fields.get('PRETTY_NAME') || name,
  };
}

/** What is left when no other ecosystem knows the distribution; `others` say which lists of packages are told of. */
export function other(others: readonly Ecosystem[]): Ecosystem {
  return {
    ...unmatched,
    id: 'other',
    detectors: [osRelease, inventoriesOf(others), unopenedOf(others), sboms],
    coalesce: newestDatabase,
  };
}
