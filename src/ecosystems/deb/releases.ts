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

/** `debian:12`, `debian:forky` while it has no number, `ubuntu:22.04`; undefined for any other distribution. */
export function scopeKeyOf({ did, versionId, versionCodeName }: Distribution): string | undefined {
  if (did !== 'debian' && did !== 'ubuntu') return undefined;
  const release = versionId || (did === 'debian' ? versionCodeName : '');
  return release === '' ? undefined : `${did}:${release}`;
}

/** The scope of a release that `debianRelease` or `ubuntuRelease` made. */
export function scopeOf(distribution: Distribution): Scope {
  const key = scopeKeyOf(distribution);
  if (key === undefined) throw new TypeError('a release of neither Debian nor Ubuntu');
  return { key, distribution };
}
