/** Distributions that no ecosystem reads: named, so that an image of one is never told to be without vulnerabilities. */

import type { Detector } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import type { Distribution } from '../../model/package.ts';
import { newestDatabase } from '../coalesce.ts';
import { inventories } from './inventories.ts';
import { sboms } from './sboms.ts';

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

/** Orders nothing, because nothing is looked up. */
const noVersions: VersionScheme<never> = {
  id: 'none',
  parse: () => undefined,
  compare: () => 0,
  key: () => undefined,
};

/** What is left when no other ecosystem knows the distribution. */
export const other: Ecosystem = {
  id: 'other',
  scopes: [],
  fallback: true,
  detectors: [osRelease, inventories, sboms],
  coalesce: newestDatabase,
  versions: noVersions,
  lookups: () => [],
  advisoriesOf: () => [],
  feeds: [],
};
