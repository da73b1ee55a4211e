/**
 * Products of SUSE as its advisories in the OSV database name them, and whose packages they are about. What OVAL files
 * speak of (suse-feed.ts: SLES up to 15, Leap 15.5 and 15.6) is read in place of them alone, not a second time.
 */

import type { OsvReleases } from '../../../formats/osv/options.ts';
import type { Scope } from '../../../model/advisory.ts';
import { leapRelease, numberedRelease, scopeKeyOf } from '../scopes/releases.ts';
import { slesScope, slesScopes } from '../scopes/scopes.ts';

/** Which releases are about which scopes. */
interface Family {
  readonly scopes: readonly Scope[];
  /** What follows the colon; its groups are the numbers of the release. */
  readonly product: RegExp;
  readonly keyOf: (major: string, minor: string) => string;
}

const numbered = (did: string, name: string, numbers: readonly string[]): Scope[] =>
  numbers.map((number) => {
    const distribution = numberedRelease(did, name, number);
    return { key: scopeKeyOf(distribution)!, distribution };
  });

/** Products whose packages a server has: modules and extensions, other editions, and support of old service packs. */
const SERVER = /^Linux Enterprise\b(?! Micro\b).* (1[125])(?: SP(\d+))?(?:-|$)/;

const leap = (versions: readonly string[]): Scope[] =>
  versions.map((version) => {
    const distribution = leapRelease(version);
    return { key: scopeKeyOf(distribution)!, distribution };
  });
const LEAP = /^Leap (1\d)\.(\d+)\b/;
const leapKey = (major: string, minor: string) => `opensuse-leap:${major}.${minor}`;

/** SLES `15` by its service packs, in place of its OVAL file. */
export function slesReleases(major: string): OsvReleases {
  const keyOf = (of: string, pack: string) => `sles:${of}.${pack}`;
  return releasesOf([{ scopes: slesScopes(major), product: SERVER, keyOf }]);
}

/** Leap `15.6`, in place of its OVAL file. */
export function leapReleases(version: string): OsvReleases {
  return releasesOf([{ scopes: leap([version]), product: LEAP, keyOf: leapKey }]);
}

/** The database names a product by PRETTY_NAME of os-release(5), without its first word. */
export const SUSE_RELEASES: OsvReleases = releasesOf([
  {
    scopes: numbered('sle-micro', 'SUSE Linux Enterprise Micro', ['5.0', '5.1', '5.2', '5.3', '5.4', '5.5']),
    product: /^Linux Enterprise Micro\b.* (\d+)\.(\d+)\b/,
    keyOf: (major, minor) => `sle-micro:${major}.${minor}`,
  },
  {
    scopes: numbered('sl-micro', 'SUSE Linux Micro', ['6.0', '6.1', '6.2']),
    product: /^Linux Micro\b.* (\d+)\.(\d+)\b/,
    keyOf: (major, minor) => `sl-micro:${major}.${minor}`,
  },
  {
    // A desktop has packages of the server's modules, and support of servers goes on when its own has ended.
    scopes: numbered('sled', 'SUSE Linux Enterprise Desktop', [
      ...['12.0', '12.1', '12.2', '12.3', '12.4', '12.5'],
      ...['15.0', '15.1', '15.2', '15.3', '15.4', '15.5', '15.6', '15.7'],
    ]),
    product: SERVER,
    keyOf: (major, minor) => `sled:${major}.${minor}`,
  },
  {
    scopes: ['0', '1'].map((minor) => slesScope('16', minor)),
    product: /^Linux Enterprise\b(?! Micro\b).* (1[6-9])\.(\d+)\b/,
    keyOf: (major, minor) => `sles:${major}.${minor}`,
  },
]);

export const OPENSUSE_RELEASES: OsvReleases = releasesOf([
  {
    scopes: numbered('opensuse-tumbleweed', 'openSUSE Tumbleweed', ['']),
    product: /^Tumbleweed\b/,
    keyOf: () => 'opensuse-tumbleweed',
  },
  {
    scopes: numbered('opensuse-leap-micro', 'openSUSE Leap Micro', [
      ...['5.2', '5.3', '5.4', '5.5'],
      ...['6.0', '6.1', '6.2'],
    ]),
    product: /^Leap Micro (\d+)\.(\d+)\b/,
    keyOf: (major, minor) => `opensuse-leap-micro:${major}.${minor}`,
  },
  {
    // Of those up to 15.4 there are no OVAL files that SUSE keeps up to date.
    scopes: leap(['15.0', '15.1', '15.2', '15.3', '15.4', '16.0', '16.1']),
    product: LEAP,
    keyOf: leapKey,
  },
]);

function releasesOf(families: readonly Family[]): OsvReleases {
  const scopes = families.flatMap((family) => family.scopes);
  const byKey = new Map(scopes.map((scope) => [scope.key, scope]));
  return {
    scopes,
    of(release) {
      for (const { product, keyOf } of families) {
        const [found, major = '', minor = '0'] = product.exec(release) ?? [];
        const scope = found === undefined ? undefined : byKey.get(keyOf(major, minor));
        if (scope !== undefined) return [scope];
      }
      return [];
    },
  };
}
