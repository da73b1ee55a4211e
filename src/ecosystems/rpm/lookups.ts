/** What of an rpm is looked up in the advisories of its distribution. */

import type { Lookup } from '../../contract/lookup.ts';
import { streamOfPackage } from '../../formats/versions/module-stream.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { RHEL_REPOSITORY } from '../redhat/scopes/scopes.ts';
import { vexLookups } from '../redhat/vex/lookups.ts';
import { scopeKeyOf } from './releases.ts';

/**
 * The package at its own version: most feeds of distributions with rpm name binary packages. Rocky Linux names the
 * source; and where errata do not tell that a fix is of a module, packages of modules have to be found. What Red Hat says
 * of a package depends on its repository: of one without, nothing is known.
 */
export function lookups(record: IndexRecord): Lookup[] {
  const { package: installed, distribution, repository } = record;
  const { name, version, kind, arch, source } = installed;
  if (kind !== 'binary' || name === '') return [];
  const isOfRedHat = repository?.key === RHEL_REPOSITORY;
  const ofRedHat = isOfRedHat ? vexLookups(installed, repository) : [];
  const scope = distribution && scopeKeyOf(distribution);
  if (scope === undefined || (repository !== undefined && !isOfRedHat)) return ofRedHat;
  if (isOfRedHat && distribution?.did === 'rhel') return ofRedHat;
  const module = streamOfPackage(installed.module, version);
  const shared = { scope, ...(module === undefined ? {} : { module }) };
  const own: Lookup = { ...shared, kind, name, version, ...(arch === undefined ? {} : { arch }) };
  const found =
    source !== undefined && distribution?.did === 'rocky'
      ? [own, { ...shared, kind: 'source', name: source.name, version: source.version } as const]
      : [own];
  if (module === undefined || !ERRATA.has(distribution?.did ?? '')) return [...ofRedHat, ...found];
  return [...ofRedHat, ...found, ...found.map(({ module: _, ...each }) => each)];
}

/** Distributions whose errata name module streams only in prose. */
const ERRATA: ReadonlySet<string> = new Set(['almalinux', 'rocky']);
