/** What of an rpm is looked up in the advisories of its distribution. */
import type { IndexRecord } from '../../model/index-report.ts';
import type { Repository } from '../../model/package.ts';
import type { Finding } from '../contract.ts';
import { scopeKeyOf } from './releases.ts';

/** The package at its own version: feeds of distributions with rpm name binary packages. */
export function findings({ package: installed, distribution, repository }: IndexRecord): Finding[] {
  const { name, version, kind, arch, module } = installed;
  const scope = distribution && scopeKeyOf(distribution);
  if (scope === undefined || kind !== 'binary' || name === '' || !isOfRpms(repository)) return [];
  return [
    {
      scope,
      kind,
      name,
      version,
      ...(arch === undefined ? {} : { arch }),
      ...(module === undefined ? {} : { module }),
    },
  ];
}

/** Packages of languages and whole containers come from repositories of other kinds. */
function isOfRpms(repository: Repository | undefined): boolean {
  return repository === undefined || repository.key === 'rhel-cpe-repository';
}
