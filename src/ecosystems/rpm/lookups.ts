/** What of an rpm is looked up in the advisories of its distribution. */

import type { Lookup } from '../../contract/lookup.ts';
import { streamOfPackage } from '../../formats/versions/module-stream.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { besideCore } from './amazon-repositories.ts';
import { NAMED_BY_SOURCE } from './osv-distributions.ts';
import { lookupScopes } from './scopes.ts';

/**
 * The package at its own version: most feeds of distributions with rpm name binary packages. Others name the source, which
 * a package without one is itself; and where errata do not tell that a fix is of a module, packages of modules have to be
 * found. What has a repository is not looked up by its distribution.
 */
export function lookups({ package: installed, distribution, repository }: IndexRecord): Lookup[] {
  const { name, version, kind, arch, source } = installed;
  if (kind !== 'binary' || name === '' || distribution === undefined || repository !== undefined) return [];
  const module = streamOfPackage(installed.module, version);
  const found = lookupScopes(distribution, version).flatMap((scope): Lookup[] => {
    const shared = { scope, ...(module === undefined ? {} : { module }) };
    const own: Lookup = { ...shared, kind, name, version, ...(arch === undefined ? {} : { arch }) };
    if (!NAMED_BY_SOURCE.has(scope)) return [own];
    const built = source ?? { name, version };
    return [own, { ...shared, kind: 'source', name: built.name, version: built.version }];
  });
  const beside = besideCore(found[0]?.scope ?? '', name, version);
  if (beside !== undefined) return [...found, { ...found[0]!, scope: beside, alone: true }];
  if (module === undefined || !ERRATA.has(distribution.did)) return found;
  return [...found, ...found.map(({ module: _, ...each }) => each)];
}

/** Distributions whose errata name module streams only in prose. */
const ERRATA: ReadonlySet<string> = new Set(['almalinux', 'rocky']);
