/** Distributions that no ecosystem reads: named, so that an image of one is never told to be without vulnerabilities. */

import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import type { Distribution } from '../../model/package.ts';
import { newestDatabase } from '../coalesce.ts';
import { unmatched } from '../unmatched.ts';
import { inventoriesOf } from './inventories.ts';

import { projectsOf } from './projects.ts';
import { sboms } from './sboms.ts';
import { unopenedOf } from './unopened.ts';

const PLACES = ['etc/os-release', 'usr/lib/os-release']; // os-release(5): the first wins

/** Files of systems without os-release, some of which are empty; before the release, as some have only that. */
const OLDER: ReadonlyMap<string, string> = new Map([
  ['etc/lsb-release', ''],
  ['etc/openwrt_release', ''],
  ['etc/alpine-release', 'Alpine Linux'],
  ['etc/redhat-release', ''],
  ['etc/centos-release', ''],
  ['etc/fedora-release', ''],
  ['etc/system-release', ''],
  ['etc/SuSE-release', ''],
  ['etc/mandriva-release', ''],
  ['etc/slackware-version', ''],
  ['etc/gentoo-release', ''],
  ['etc/arch-release', 'Arch Linux'],
  ['etc/debian_version', 'Debian'],
]);

/** A small file that each Windows has, in an image and on a mounted disk; nothing in it says the release. */
const WINDOWS = ['Files/Windows', 'Windows'].map((folder) => `${folder}/System32/drivers/etc/hosts`);

const osRelease: Detector = {
  id: 'os-release',
  revision: '5',
  kind: 'distribution',
  paths: [...PLACES, ...OLDER.keys(), ...WINDOWS],
  *read(layer) {
    yield* longReleases(layer, PLACES); // for all detectors that read them
    const path = PLACES.find((each) => layer.file(each) !== undefined);
    if (path === undefined) return yield* olderRelease(layer);
    yield { found: 'distribution', distribution: distributionOf(parseOsRelease(releaseText(layer, path))) };
  },
};

/** What is there in place of os-release(5): a line that says the release, or the release alone. */
function* olderRelease(layer: LayerView): Generator<Detection> {
  const path = [...OLDER.keys()].find((each) => layer.file(each) !== undefined);
  if (path === undefined) {
    const isWindows = WINDOWS.some((each) => layer.file(each) !== undefined);
    const fields = new Map(Object.entries({ ID: 'windows', NAME: 'Windows' }));
    if (isWindows) yield { found: 'distribution', distribution: distributionOf(fields) };
    return;
  }
  yield* longReleases(layer, [path]);
  const text = releaseText(layer, path);
  const assigned = parseOsRelease(text);
  const [line = ''] = text.split('\n');
  const release =
    assigned.get('DISTRIB_DESCRIPTION') ??
    assigned.get('DISTRIB_ID') ??
    [OLDER.get(path), line.trim()].filter(Boolean).join(' ');
  yield {
    found: 'distribution',
    distribution: distributionOf(new Map([['PRETTY_NAME', release.slice(0, 200)]])),
  };
}

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
    detectors: [osRelease, inventoriesOf(others), unopenedOf(others), projectsOf(others), sboms],
    coalesce: newestDatabase,
  };
}
