/** Says which release of Debian or Ubuntu a layer is, from os-release(5) and lsb-release. */

import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import type { Distribution } from '../../model/package.ts';
import { debianOf, echoRelease, ubuntuOf } from './releases.ts';

const OS_RELEASE = 'etc/os-release';
/** os-release(5): to be read where etc/os-release is not there. */
const VENDOR_OS_RELEASE = 'usr/lib/os-release';
const LSB_RELEASE = 'etc/lsb-release';

/** The distribution detector `debian` of Clair. */
export const debianDetector: Detector = {
  id: 'debian',
  revision: '4',
  kind: 'distribution',
  paths: [OS_RELEASE, VENDOR_OS_RELEASE],
  read: (layer) => foundOf(readDebian(assignments(layer, OS_RELEASE, VENDOR_OS_RELEASE))),
};

/** The distribution detector `ubuntu` of Clair. */
export const ubuntuDetector: Detector = {
  id: 'ubuntu',
  revision: '5',
  kind: 'distribution',
  paths: [LSB_RELEASE, OS_RELEASE, VENDOR_OS_RELEASE],
  *read(layer) {
    yield* foundOf(
      readLsb(assignments(layer, LSB_RELEASE)) ??
        readUbuntu(assignments(layer, OS_RELEASE, VENDOR_OS_RELEASE)),
    );
    yield* longReleases(layer, [LSB_RELEASE]);
  },
};

// differs: Clair does not know it (clair-indexing.md#unknown-distributions)
export const echoDetector: Detector = {
  id: 'echo',
  revision: '1',
  kind: 'distribution',
  paths: [OS_RELEASE, VENDOR_OS_RELEASE],
  read(layer) {
    const values = assignments(layer, OS_RELEASE, VENDOR_OS_RELEASE);
    if (values.get('ID')?.toLowerCase() !== 'echo') return [];
    return foundOf(echoRelease(values.get('VERSION_ID'), values.get('PRETTY_NAME')));
  },
};

function foundOf(distribution: Distribution | undefined): Detection[] {
  return distribution === undefined ? [] : [{ found: 'distribution', distribution }];
}

/** Of the first of `paths` that is there. */
function assignments(layer: LayerView, ...paths: readonly string[]): Map<string, string> {
  for (const path of paths) {
    if (layer.file(path) !== undefined) return parseOsRelease(releaseText(layer, path));
  }
  return new Map();
}

function readDebian(values: Map<string, string>): Distribution | undefined {
  if (values.get('ID')?.toLowerCase() !== 'debian') return undefined;
  const number = values.get('VERSION_ID') ?? '';
  // Stretch and before name it in VERSION only, testing and sid in PRETTY_NAME: "Debian GNU/Linux forky/sid".
  const codeName =
    values.get('VERSION_CODENAME')?.toLowerCase() ||
    /\(([\w-]+)\)\s*$/.exec(values.get('VERSION') ?? '')?.[1] ||
    /\b([a-z]+)\/sid$/.exec(values.get('PRETTY_NAME') ?? '')?.[1] ||
    '';
  // differs: a release without a number, testing or sid, is known by its code name, others by either (clair-indexing.md#unknown-distributions)
  return debianOf(number, codeName);
}

function readLsb(values: Map<string, string>): Distribution | undefined {
  return ofUbuntu(values.get('DISTRIB_ID'), values.get('DISTRIB_RELEASE'), values.get('DISTRIB_CODENAME'));
}

function readUbuntu(values: Map<string, string>): Distribution | undefined {
  const codeName =
    values.get('VERSION_CODENAME') ||
    values.get('UBUNTU_CODENAME') ||
    // Before 16.04 only in words: VERSION="14.04.6 LTS, Trusty Tahr".
    /,\s*([A-Za-z]+)\b/.exec(values.get('VERSION') ?? '')?.[1]?.toLowerCase();
  return ofUbuntu(values.get('ID'), values.get('VERSION_ID'), codeName);
}

function ofUbuntu(id = '', number = '', codeName = ''): Distribution | undefined {
  return id.toLowerCase() === 'ubuntu' ? ubuntuOf(number, codeName) : undefined;
}
