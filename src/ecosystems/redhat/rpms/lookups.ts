/** What of an rpm of Red Hat is looked up: in the advisories for the repositories that it came from. */

import type { Lookup } from '../../../contract/lookup.ts';
import { streamOfPackage } from '../../../formats/versions/module-stream.ts';
import type { IndexRecord } from '../../../model/index-report.ts';
import type { Package, Repository } from '../../../model/package.ts';
import { lookups as rpmLookups } from '../../rpm/lookups.ts';
import { RHEL_PREFIX, RHEL_REPOSITORY } from '../scopes/scopes.ts';

/**
 * What Red Hat says of a package depends on its repository: of one without, nothing is known. Where a distribution that is
 * not Red Hat's has packages of Red Hat's repositories, its own advisories hold as well.
 */
export function lookups(record: IndexRecord): Lookup[] {
  const { package: installed, distribution, repository } = record;
  if (repository?.key !== RHEL_REPOSITORY) return rpmLookups(record);
  if (installed.kind !== 'binary' || installed.name === '') return [];
  const ofRedHat = vexLookups(installed, repository);
  if (distribution === undefined || distribution.did === 'rhel') return ofRedHat;
  return [...ofRedHat, ...rpmLookups({ package: installed, distribution })];
}

/** The package by its own name and by its source's: fixes are said of binary packages, the lack of one of sources. */
function vexLookups(installed: Package, repository: Repository): Lookup[] {
  const { name, version, kind, arch, source } = installed;
  const module = streamOfPackage(installed.module, version);
  const shared = {
    scope: RHEL_PREFIX + (repository.name || repository.cpe || ''),
    ...(module && { module }),
  };
  const own: Lookup = { ...shared, kind, name, version, ...(arch && { arch }) };
  return source === undefined
    ? [own]
    : [own, { ...shared, kind: 'source', name: source.name, version: source.version }];
}
