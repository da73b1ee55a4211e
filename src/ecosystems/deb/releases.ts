/** The releases of Debian and Ubuntu, as reports name them and as scopes: detectors and feeds must agree on both. */
import type { Scope } from '../../model/advisory.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';

/** A release of Debian; `number` is '' for what has none yet: testing, and sid that calls itself the same. */
export function debianRelease(number: string, codeName: string): Distribution {
  const version = number === '' ? codeName : `${number} (${codeName})`;
  return {
    ...NO_DISTRIBUTION,
    did: 'debian',
    name: 'Debian GNU/Linux',
    version,
    versionCodeName: codeName,
    versionId: number,
    prettyName: `Debian GNU/Linux ${version}`,
  };
}

// Facts that do not change, for a mirror whose Release file cannot be had, and for images that tell only one of the two.
const NUMBERS: readonly (readonly [number: string, codeName: string])[] = [
  ['7', 'wheezy'],
  ['8', 'jessie'],
  ['9', 'stretch'],
  ['10', 'buster'],
  ['11', 'bullseye'],
  ['12', 'bookworm'],
  ['13', 'trixie'],
];

/** The same of Ubuntu. */
const UBUNTU: readonly (readonly [number: string, codeName: string])[] = [
  ['14.04', 'trusty'],
  ['16.04', 'xenial'],
  ['18.04', 'bionic'],
  ['20.04', 'focal'],
  ['22.04', 'jammy'],
  ['22.10', 'kinetic'],
  ['23.04', 'lunar'],
  ['23.10', 'mantic'],
  ['24.04', 'noble'],
  ['24.10', 'oracular'],
  ['25.04', 'plucky'],
  ['25.10', 'questing'],
  ['26.04', 'resolute'],
];

/** `12` of `bookworm`; undefined if it is not released yet, or nothing is known of it. */
export function numberOfDebian(codeName: string): string | undefined {
  return NUMBERS.find(([, known]) => known === codeName)?.[0];
}

/**
 * A release of Debian of which a number (also of a point release, `12.5`) or a code name is told; undefined if neither is.
 */
export function debianOf(number: string, codeName: string): Distribution | undefined {
  const major = /^\d+/.exec(number)?.[0] ?? numberOfDebian(codeName) ?? '';
  const name = codeName || NUMBERS.find(([known]) => known === major)?.[1] || '';
  if (name !== '') return debianRelease(major, name);
  return major === '' ? undefined : unnamed(debianRelease(major, ''), major);
}

/** A release of Ubuntu of which a number (`22.04`, also as `22.04.3`) or a code name is told; undefined if neither is. */
export function ubuntuOf(number: string, codeName: string): Distribution | undefined {
  const known = UBUNTU.find(([, name]) => name === codeName)?.[0];
  const release = /^\d+\.\d+/.exec(number)?.[0] ?? known;
  if (release === undefined) return undefined;
  const named = ubuntuRelease(release, codeName);
  return codeName === '' ? unnamed(named, release) : named;
}

function unnamed(release: Distribution, number: string): Distribution {
  return { ...release, version: number, prettyName: `${release.name} ${number}` };
}

/** A release of Ubuntu, e.g. `22.04`, `jammy`. */
export function ubuntuRelease(number: string, codeName: string): Distribution {
  return {
    ...NO_DISTRIBUTION,
    did: 'ubuntu',
    name: 'Ubuntu',
    version: `${number} (${codeName.charAt(0).toUpperCase()}${codeName.slice(1)})`,
    versionCodeName: codeName,
    versionId: number,
    prettyName: `Ubuntu ${number}`,
  };
}

/** Echo, which is built on Debian and has no releases: VERSION_ID is of no account. */
export function echoRelease(versionId = '', prettyName = 'Echo'): Distribution {
  return { ...NO_DISTRIBUTION, did: 'echo', name: 'Echo', versionId, prettyName };
}

/** `debian:12`, `debian:forky` while it has no number, `ubuntu:22.04`, `echo`; undefined for any other distribution. */
export function scopeKeyOf({ did, versionId, versionCodeName }: Distribution): string | undefined {
  if (did === 'echo') return did;
  if (did !== 'debian' && did !== 'ubuntu') return undefined;
  const release = versionId || (did === 'debian' ? versionCodeName : '');
  return release === '' ? undefined : `${did}:${release}`;
}

/** The scope of a release that `debianRelease` or `ubuntuRelease` made. */
export function scopeOf(distribution: Distribution): Scope {
  const key = scopeKeyOf(distribution);
  if (key === undefined) throw new TypeError('a release of neither Debian, Ubuntu nor Echo');
  return { key, distribution };
}
