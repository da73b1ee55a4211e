/** What made manifests are of: one distribution, and packages that dice choose, the same at every run. */
import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../src/model/digest.ts';
import type { IndexedPackage } from '../src/model/index-report.ts';
import { type Distribution, NO_DISTRIBUTION } from '../src/model/package.ts';

export const DEBIAN: Distribution = {
  ...NO_DISTRIBUTION,
  did: 'debian',
  name: 'Debian GNU/Linux',
  version: '12 (bookworm)',
  versionCodeName: 'bookworm',
  versionId: '12',
  prettyName: 'Debian GNU/Linux 12 (bookworm)',
};
/** Where packages are that have no layer of their own. */
const LAYER = digestOf('layer');

/** Gives whole numbers below `limit`. */
export type Dice = (limit: number) => number;

export function diceFrom(state: number): Dice {
  let at = state;
  return (limit) => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return Math.floor((at / 2 ** 32) * limit);
  };
}

/** One of 3,000 libraries. */
export function libraryOf(next: Dice, layer = LAYER): IndexedPackage {
  return systemPackage(`lib${next(3000)}`, `1.${next(20)}.${next(10)}-${next(5)}+deb12u1`, layer);
}

export function systemPackage(name: string, version: string, layer = LAYER): IndexedPackage {
  return {
    package: { name, version, kind: 'binary', arch: 'amd64', source: { name: `${name}-src`, version } },
    environments: [{ packageDb: 'var/lib/dpkg/status', introducedIn: layer, distribution: DEBIAN }],
  };
}

export function pythonPackage(next: Dice, layer = LAYER): IndexedPackage {
  const packageDb = 'python:usr/lib/python3/site-packages';
  return {
    package: { name: `project-${next(4000)}`, version: `${next(4)}.${next(10)}.${next(6)}`, kind: 'binary' },
    environments: [{ packageDb, introducedIn: layer, repositories: [{ name: 'pypi' }] }],
  };
}

export function digestOf(text: string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);
}
