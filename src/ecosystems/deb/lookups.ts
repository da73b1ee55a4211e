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
  if (distribution === undefined || repository !== undefined || installed.name === '') return [];
  const scope = scopeKeyOf(distribution);
  if (scope === undefined) return [];
  if (installed.kind !== 'binary' && installed.kind !== 'source') return [];
  const built = installed.source?.name ? installed.source : installed;
  const source: Lookup = { scope, kind: 'source', name: built.name, version: built.version };
  if (installed.kind === 'source') return [source];
  const { name, version, arch } = installed;
  const binary: Lookup = { scope, kind: 'binary', name, version };
  return [source, arch === undefined ? binary : { ...binary, arch }];
}
