/** Says which distribution with rpm a layer is, by ID of os-release(5), or by the files that there were before it. */

import type { Detection, Detector } from '../../contract/detector.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { longReleases, releaseText } from '../../formats/os/release-text.ts';
import type { Distribution } from '../../model/package.ts';
import { formatCpeName } from './scopes/cpe-name.ts';
import {
  amazonRelease,
  asWritten,
  leapRelease,
  OTHER_DISTRIBUTIONS,
  oracleRelease,
  photonRelease,
  rhelRelease,
  slesRelease,
} from './scopes/releases.ts';

/** os-release(5): the second is read where the first is not there. */
const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];

type Assignments = ReadonlyMap<string, string>;

/** What a detector makes of the signs; undefined if they are of another distribution. */
type Answer = Distribution | 'no version' | undefined;

/** What a detector reads: os-release, and what stands in for it in releases that have none. */
interface Signs {
  readonly fromOsRelease: (values: Assignments, id: string) => Answer;
  readonly older?: {
    readonly paths: readonly string[];
    readonly read: (textOf: (path: string) => string) => Answer;
  };
}

// differs: distributions are distinguished by ID, not by a phrase in the file, which derivatives contain too (clair-indexing.md#unknown-distributions)
function distributionDetector(id: string, revision: string, { fromOsRelease, older }: Signs): Detector {
  return {
    id,
    revision,
    kind: 'distribution',
    paths: [...OS_RELEASE, ...(older?.paths ?? [])],
    *read(layer): Generator<Detection> {
      const textOf = (path: string) => releaseText(layer, path);
      const values = parseOsRelease(OS_RELEASE.map(textOf).find((text) => text !== '') ?? '');
      const own = values.get('ID')?.toLowerCase();
      const answer = own === undefined ? older?.read(textOf) : fromOsRelease(values, own);
      if (answer === 'no version') {
        const where = OS_RELEASE.find((path) => textOf(path) !== '') ?? '';
        yield { found: 'problem', where, reason: `VERSION_ID of ${own} names no release` };
      } else if (answer !== undefined) yield { found: 'distribution', distribution: answer };
      yield* longReleases(layer, older?.paths ?? []);
    },
  };
}

/** The first `parts` numbers of VERSION_ID; undefined if it has none. */
function versionOf(values: Assignments, parts: 1 | 2): string | undefined {
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(values.get('VERSION_ID') ?? '') ?? [];
  return parts === 2 && major !== undefined && minor !== undefined ? `${major}.${minor}` : major;
}

function releaseOf(version: string | undefined, release: (version: string) => Distribution): Answer {
  return version === undefined ? 'no version' : release(version);
}

/** The release whose version `pattern` finds in an older file, which is of others where it does not. */
function olderRelease(
  text: string,
  pattern: RegExp,
  release: (version: string) => Distribution,
): Distribution | undefined {
  const version = pattern.exec(text)?.[1];
  return version === undefined ? undefined : release(version);
}

/** The distribution detector `aws` of Clair. */
export const awsDetector = distributionDetector('aws', '2', {
  fromOsRelease(values, id) {
    if (id !== 'amzn') return undefined;
    const version = versionOf(values, 2);
    // The first Amazon Linux has one set of advisories for all that it ever was: 2011.09 to 2018.03.
    return releaseOf(version && /^\d{4}\.\d\d$/.test(version) ? '2018.03' : version, amazonRelease);
  },
});

/** The distribution detector `oracle` of Clair. */
export const oracleDetector = distributionDetector('oracle', '2', {
  fromOsRelease: (values, id) => (id === 'ol' ? releaseOf(versionOf(values, 1), oracleRelease) : undefined),
  older: {
    paths: ['etc/oracle-release', 'etc/issue'],
    read(textOf) {
      const text = `${textOf('etc/oracle-release')}\n${textOf('etc/issue')}`;
      return olderRelease(text, /^Oracle Linux Server release (\d+)/m, oracleRelease);
    },
  },
});

/** The distribution detector `photon` of Clair. */
export const photonDetector = distributionDetector('photon', 'v0.0.2', {
  fromOsRelease: (values, id) =>
    id === 'photon' ? releaseOf(versionOf(values, 2), photonRelease) : undefined,
  older: {
    paths: ['etc/photon-release'],
    read: (textOf) =>
      olderRelease(textOf('etc/photon-release'), /^VMware Photon (?:OS|Linux) (\d+\.\d+)/, photonRelease),
  },
});

/** SLES for SAP and for HPC are SLES with more packages. */
const SLES = new Set(['sles', 'sles_sap', 'sle_hpc']);

/** The distribution detector `suse` of Clair. */
export const suseDetector = distributionDetector('suse', 'v0.0.3', {
  fromOsRelease(values, id) {
    if (SLES.has(id)) {
      const [major, servicePack = '0'] = versionOf(values, 2)?.split('.') ?? [];
      return releaseOf(major, (version) => slesRelease(version, servicePack));
    }
    // Leap 42 calls itself only `opensuse`, as releases before Leap did.
    const isLeap =
      id === 'opensuse-leap' || (id === 'opensuse' && /\bLeap\b/i.test(values.get('NAME') ?? ''));
    return isLeap ? releaseOf(versionOf(values, 2), leapRelease) : undefined;
  },
  older: {
    paths: ['etc/SuSE-release'],
    read: (textOf) =>
      olderRelease(textOf('etc/SuSE-release'), /^SUSE Linux Enterprise Server (\d+)/, (version) =>
        slesRelease(version, /^PATCHLEVEL *= *(\d+)/m.exec(textOf('etc/SuSE-release'))?.[1]),
      ),
  },
});

/** The distribution detector `rhel` of Clair. */
export const rhelDetector = distributionDetector('rhel', '4', {
  fromOsRelease(values, id) {
    if (id === 'rhel') return releaseOf(versionOf(values, 1), rhelRelease);
    return id === 'hummingbird' ? written(values, id) : undefined;
  },
  older: {
    paths: ['etc/redhat-release', 'etc/oracle-release', 'etc/enterprise-release'],
    read(textOf) {
      // Oracle Linux has a copy of this file beside its own.
      if (textOf('etc/oracle-release') !== '' || textOf('etc/enterprise-release') !== '') return undefined;
      const text = textOf('etc/redhat-release');
      return olderRelease(text, /^Red Hat Enterprise Linux\b.*? release (\d+)/, rhelRelease);
    },
  },
});

/** All other distributions with rpm: what Clair shows without a distribution (clair-indexing.md#unknown-distributions). */
export const otherDetector = distributionDetector('rpm-distributions', '2', {
  fromOsRelease: (values, id) => (OTHER_DISTRIBUTIONS.has(id) ? asWritten(written(values, id)) : undefined),
});

function written(values: Assignments, did: string): Distribution {
  const textOf = (name: string) => values.get(name) ?? '';
  return {
    did,
    name: textOf('NAME'),
    version: textOf('VERSION'),
    versionCodeName: textOf('VERSION_CODENAME'),
    versionId: textOf('VERSION_ID'),
    arch: '',
    cpe: formatCpeName(textOf('CPE_NAME')),
    prettyName: textOf('PRETTY_NAME'),
  };
}
