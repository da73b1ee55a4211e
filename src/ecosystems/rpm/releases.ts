/** The releases of distributions with rpm, as reports name them and as scopes: detectors and feeds must agree on both. */
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';

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

/** A distribution that rebuilds Red Hat's packages, e.g. AlmaLinux `9`: all of its minor releases. */
export function rebuildRelease(did: string, name: string, major: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did,
    name,
    version: major,
    versionId: major,
    prettyName: `${name} ${major}`,
  };
}

/** ID of distributions that have no detector of their own, nor Clair knows. */
export const OTHER_DISTRIBUTIONS: ReadonlySet<string> = new Set([
  'almalinux',
  'anolis',
  'azurelinux',
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
  'opensuse-microos',
  'opensuse-tumbleweed',
  'rocky',
  'scientific',
  'sl-micro',
  'sle-micro',
  'sled',
  'tencentos',
  'virtuozzo',
]);

const DISTRIBUTIONS: ReadonlySet<string> = new Set([
  ...OTHER_DISTRIBUTIONS,
  'amzn',
  'hummingbird',
  'ol',
  'opensuse-leap',
  'photon',
  'rhel',
  'sles',
]);

/** Those whose advisories are for all minor releases of a major one. */
const BY_MAJOR = new Set(['almalinux', 'centos', 'cloudlinux', 'eurolinux', 'ol', 'rhel', 'rocky', 'sles']);

/** Those whose VERSION_ID is a date, if there is one. */
const ROLLING = new Set(['hummingbird', 'opensuse-microos', 'opensuse-tumbleweed']);

/** How the scopes of all of them begin, or what they are. */
export const SCOPES: readonly string[] = [...DISTRIBUTIONS].map((did) =>
  ROLLING.has(did) ? did : `${did}:`,
);

/** `amzn:2`, `ol:9`, `rocky:9`, `fedora:41`, …, `opensuse-tumbleweed`; undefined for any other distribution. */
export function scopeKeyOf({ did, versionId, version }: Distribution): string | undefined {
  if (!DISTRIBUTIONS.has(did)) return undefined;
  if (ROLLING.has(did)) return did;
  const number = /^\d+(?:\.\d+)*/.exec(versionId || version)?.[0];
  if (number === undefined) return undefined;
  return `${did}:${BY_MAJOR.has(did) ? number.split('.')[0] : number}`;
}
