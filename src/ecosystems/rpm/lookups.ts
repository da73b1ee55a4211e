/** What of an rpm is looked up in the advisories of its distribution. */

import type { Lookup } from '../../contract/lookup.ts';
import { streamOfPackage } from '../../formats/versions/module-stream.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import type { Distribution, Package } from '../../model/package.ts';
import { NAMED_BY_SOURCE } from './feeds/osv-distributions.ts';
import { amazonBesideKey, besideCore } from './scopes/amazon-repositories.ts';
import { epelReleaseOf } from './scopes/epel.ts';
import { placeOf } from './scopes/fedora-modules.ts';
import { lookupScopes } from './scopes/scopes.ts';

/**
 * The package at its own version: most feeds of distributions with rpm name binary packages. Others name the source, which
 * a package without one is itself; and where errata do not tell that a fix is of a module, packages of modules have to be
 * found. A package of EPEL is looked up in EPEL's advisories alone, whatever the distribution. What has another repository
 * is not looked up by its distribution.
 */
export function lookups({ package: installed, distribution: of, repository }: IndexRecord): Lookup[] {
  const { name, version, kind, arch } = installed;
  const beside = repository && amazonBesideKey(of, repository);
  if (beside !== undefined && kind === 'binary')
    return [{ scope: beside, name, version, kind, ...(arch && { arch }) }];
  const distribution = repository === undefined ? of : epelReleaseOf(repository);
  if (kind !== 'binary' || name === '' || distribution === undefined) return [];
  const scopes = lookupScopes(distribution, version);
  return scopes.length === 0 ? [] : lookupsIn(scopes, installed, distribution);
}

function lookupsIn(scopes: readonly string[], installed: Package, { did }: Distribution): Lookup[] {
  const { name, version, kind, arch, source } = installed;
  const module = streamOfPackage(installed.module, version);
  const found = scopes.flatMap((scope): Lookup[] => {
    const shared = { scope: placeOf(scope, module), ...(module === undefined ? {} : { module }) };
    const own: Lookup = { ...shared, kind, name, version, ...(arch === undefined ? {} : { arch }) };
    if (!namesSources(scope)) return [own];
    const built = source ?? { name, version };
    return [own, { ...shared, kind: 'source', name: built.name, version: built.version }];
  });
  const others = besideCore(found[0]?.scope ?? '', name, version);
  if (others.length > 0)
    return [...found, ...others.map((scope) => ({ ...found[0]!, scope, alone: true as const }))];
  if (module === undefined || !ERRATA.has(did)) return found;
  return [...found, ...found.map(({ module: _, ...each }) => each)];
}

/** Distributions beside those in OSV whose advisories, or some of them, name source packages. */
const OF_SOURCES = /^(?:azurelinux|epel|fedora|mariner|opensuse-leap|sles):/;

function namesSources(scope: string): boolean {
  return OF_SOURCES.test(scope) || NAMED_BY_SOURCE.has(scope);
}

/** Distributions whose errata name module streams only in prose. */
const ERRATA: ReadonlySet<string> = new Set(['almalinux', 'rocky']);
