/** What of an image with apk packages is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { derivativeKey, rowOf } from './distributions.ts';

/** `3.18` or `edge` -> the scope of that release. */
export function scopeOf(release: string): string {
  return `alpine:${release}`;
}

/**
 * Alpine's advisories name source packages; a package without an origin is its own. Those of the other
 * distributions name either.
 */
export function lookups({ package: found, distribution }: IndexRecord): readonly Lookup[] {
  if (distribution !== undefined && rowOf(distribution.did) !== undefined) {
    const scope = derivativeKey(distribution);
    if (scope === undefined) return [];
    const names = new Set([found.source?.name || found.name, found.name]);
    return [...names].map((name) => ({
      scope,
      name,
      kind: 'source',
      version: found.version,
    }));
  }
  if (distribution?.did !== 'alpine' && distribution?.name !== 'Alpine Linux') return [];
  const release = distribution.version || distribution.versionId;
  if (!/^(edge|\d+\.\d+)$/.test(release)) return [];
  const name = found.source?.name || found.name;
  // The version of the package is that of its origin: all packages of an origin are built at once.
  return [{ scope: scopeOf(release), name, kind: 'source', version: found.version }];
}
