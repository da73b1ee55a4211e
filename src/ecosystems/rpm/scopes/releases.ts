/** The releases of distributions with rpm, as reports name them and as scopes: detectors and feeds must agree on both. */
import { type Distribution, NO_DISTRIBUTION } from '../../../model/package.ts';

/** Amazon Linux `2018.03`, which stands for all of the first, `2` or `2023`. */
export function amazonRelease(version: string): Distribution {
  const isFirst = version === '2018.03';
  const name = isFirst ? 'Amazon Linux AMI' : 'Amazon Linux';
  const cpe = isFirst ? 'linux:2018.03:ga:*:*:*:*:*:*' : `amazon_linux:${version}:*:*:*:*:*:*:*`;
  return {
    ...NO_DISTRIBUTION,
    did: 'amzn',
    name,
    version,
    versionId: version,
    cpe: `cpe:2.3:o:amazon:${cpe}`,
    prettyName: `${name} ${version}`,
  };
}

/** Oracle Linux, e.g. `9`. */
export function oracleRelease(major: string): Distribution {
  const name = 'Oracle Linux Server';
  return {
    ...NO_DISTRIBUTION,
    did: 'ol',
    name,
    version: major,
    versionId: major,
    versionCodeName: `Oracle Linux ${major}`,
    prettyName: `${name} ${major}`,
  };
}

/** Photon OS, e.g. `5.0`. */
export function photonRelease(version: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did: 'photon',
    name: 'VMware Photon OS',
    version,
    versionId: version,
    prettyName: 'VMware Photon OS/Linux',
  };
}

/** SUSE Linux Enterprise Server, e.g. `15`, and one of its service packs, `4`; `0` is what was before the first. */
export function slesRelease(major: string, servicePack?: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did: 'sles',
    name: 'SLES',
    version: major,
    versionId: major,
    prettyName: `SUSE Linux Enterprise Server ${major}`,
    ...(servicePack === undefined ? {} : { servicePack }),
  };
}

/** openSUSE Leap, e.g. `15.6`. */
export function leapRelease(version: string): Distribution {
  const name = 'openSUSE Leap';
  return {
    ...NO_DISTRIBUTION,
    did: 'opensuse-leap',
    name,
    version,
    versionId: version,
    prettyName: `${name} ${version}`,
  };
}

/** Red Hat Enterprise Linux, e.g. `9`. */
export function rhelRelease(major: string): Distribution {
  const name = 'Red Hat Enterprise Linux Server';
  return {
    ...NO_DISTRIBUTION,
    did: 'rhel',
    name,
    version: major,
    versionId: major,
    cpe: `cpe:2.3:o:redhat:enterprise_linux:${major}:*:*:*:*:*:*:*`,
    prettyName: `${name} ${major}`,
  };
}

/** A release that needs no more words than its distribution and number: AlmaLinux `9`, of all its minor releases; Fedora `41`. */
export function numberedRelease(did: string, name: string, number: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did,
    name,
    version: number,
    versionId: number,
    prettyName: `${name} ${number}`.trim(),
  };
}

/** `22.03 (LTS-SP3)`, `openEuler 24.03 (LTS SP1)`, `22.03-LTS-SP3`; releases that are not for the long term have a number alone. */
const OPENEULER = /\b(\d\d\.\d\d)(?:-| *\( *)(LTS)(?:[- ]?(SP\d+))?\b/i;

/** Returns `22.03-lts-sp3`, as in the keys of scopes; undefined if the text names no release for the long term. */
export function openEulerName(text: string): string | undefined {
  const [, number, ...words] = OPENEULER.exec(text) ?? [];
  if (number === undefined) return undefined;
  return [number, ...words.filter(Boolean)].join('-').toLowerCase();
}

/**
 * The distribution that os-release(5) describes. VERSION_ID of openEuler leaves out the service pack, whose packages and
 * advisories are its own: it is taken from VERSION or PRETTY_NAME.
 */
export function asWritten(written: Distribution): Distribution {
  if (written.did !== 'openeuler') return written;
  const name = openEulerName(written.version) ?? openEulerName(written.prettyName);
  return name === undefined ? written : { ...written, versionId: name.toUpperCase() };
}

/** Distributions that have the packages of another, whose advisories are theirs. */
const SAME: Readonly<Record<string, string>> = {
  'opensuse-aeon': 'opensuse-tumbleweed',
  'opensuse-kalpa': 'opensuse-tumbleweed',
  'opensuse-microos': 'opensuse-tumbleweed',
  'opensuse-slowroll': 'opensuse-tumbleweed',
  'sle-micro-rancher': 'sle-micro',
  'suse-microos': 'sle-micro',
};

/** ID of distributions that have no detector of their own, nor Clair knows. */
export const OTHER_DISTRIBUTIONS: ReadonlySet<string> = new Set([
  'almalinux',
  'anolis',
  'azurelinux',
  'bottlerocket',
  'centos',
  'cloudlinux',
  'eurolinux',
  'fedora',
  'mageia',
  'mariner',
  'opencloudos',
  'openeuler',
  'openmandriva',
  'opensuse-leap-micro',
  'opensuse-tumbleweed',
  'rocky',
  'scientific',
  'sl-micro',
  'sle-micro',
  'sled',
  'tencentos',
  'virtuozzo',
  ...Object.keys(SAME),
]);

const DISTRIBUTIONS: ReadonlySet<string> = new Set([
  ...[...OTHER_DISTRIBUTIONS].filter((did) => !Object.hasOwn(SAME, did)),
  'amzn',
  'epel',
  'hummingbird',
  'ol',
  'opensuse-leap',
  'photon',
  'rhel',
  'sles',
]);

/** Those whose advisories are for all minor releases of a major one. */
const BY_MAJOR = new Set([
  'almalinux',
  'centos',
  'cloudlinux',
  'epel',
  'eurolinux',
  'fedora',
  'mageia',
  'ol',
  'rhel',
  'rocky',
  'sles',
]);

/** Those whose VERSION_ID may go on with the date of a build: `2.0.20230107`. */
const BY_MINOR = new Set(['azurelinux', 'mariner']);

/** Those whose VERSION_ID is a date, or whose advisories are for all versions that there were. */
const ROLLING = new Set(['bottlerocket', 'hummingbird', 'opensuse-tumbleweed']);

/** How the scopes of all of them begin, or what they are. */
export const SCOPES: readonly string[] = [...DISTRIBUTIONS].map((did) =>
  ROLLING.has(did) ? did : `${did}:`,
);

/** Returns `amzn:2`, `ol:9`, `rocky:9`, `fedora:41`, …, `opensuse-tumbleweed`; undefined for any other distribution. */
export function scopeKeyOf({ did: written, versionId, version }: Distribution): string | undefined {
  const did = Object.hasOwn(SAME, written) ? SAME[written]! : written;
  if (!DISTRIBUTIONS.has(did)) return undefined;
  if (ROLLING.has(did)) return did;
  const release = versionId || version;
  const number = /^\d+(?:\.\d+)*/.exec(release)?.[0];
  if (number === undefined) return undefined;
  if (did === 'openeuler') return `${did}:${openEulerName(release) ?? number}`;
  const parts = BY_MAJOR.has(did) ? 1 : BY_MINOR.has(did) ? 2 : undefined;
  return `${did}:${number.split('.').slice(0, parts).join('.')}`;
}
