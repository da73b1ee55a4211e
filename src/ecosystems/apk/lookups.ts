/** What of an image with apk packages is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { ROLLING } from './rolling.ts';

/** `3.18` or `edge` -> the scope of that release. */
export function scopeOf(release: string): string {
  return `alpine:${release}`;
}

/**
 * Alpine's advisories name source packages; a package without an origin is its own. Those of Wolfi and Chainguard name
 * either.
 */
export function lookups({ package: found, distribution }: IndexRecord): readonly Lookup[] {
  const rolling = ROLLING.find(({ id }) => distribution?.did === id);
  if (rolling !== undefined) {
    const names = new Set([found.source?.name || found.name, found.name]);
    return [...names].map((name) => ({
      scope: rolling.id,
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
