/** What of a dpkg package is looked up in the advisories of its release. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { scopeKeyOf } from './releases.ts';

/**
 * The source package at the source's version, as Debian's tracker means it, and the binary at its own, as Ubuntu's
 * OVAL does. Nothing for a record with a repository: that is a package of a language.
 */
// differs: Clair compares the binary's version with Debian's fix of the source (clair-matching.md#binary-and-source-versions)
export function lookups({ package: installed, distribution, repository }: IndexRecord): Lookup[] {
  const scope = distribution && scopeKeyOf(distribution);
  if (scope === undefined || repository !== undefined || installed.name === '') return [];
  if (installed.kind !== 'binary' && installed.kind !== 'source') return [];
  const { name, version } = installed.source?.name ? installed.source : installed;
  const found: Lookup[] = [{ scope, kind: 'source', name, version }];
  if (installed.kind === 'binary') {
    found.push({
      scope,
      kind: 'binary',
      name: installed.name,
      version: installed.version,
      ...(installed.arch === undefined ? {} : { arch: installed.arch }),
    });
  }
  return found;
}
