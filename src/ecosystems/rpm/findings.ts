/** What of an rpm is looked up in the advisories of its distribution. */
import type { IndexRecord } from '../../model/index-report.ts';
import type { Repository } from '../../model/package.ts';
import type { Finding } from '../contract.ts';
import { scopeKeyOf } from './releases.ts';

/**
 * The package at its own version: most feeds of distributions with rpm name binary packages. Rocky Linux names the
 * source; and where errata do not tell the module stream, packages of any have to be found.
 */
export function findings({ package: installed, distribution, repository }: IndexRecord): Finding[] {
  const { name, version, kind, arch, module, source } = installed;
  const scope = distribution && scopeKeyOf(distribution);
  if (scope === undefined || kind !== 'binary' || name === '' || !isOfRpms(repository)) return [];
  const own: Finding = { scope, kind, name, version, ...(arch === undefined ? {} : { arch }) };
  const found =
    source !== undefined && distribution?.did === 'rocky'
      ? [own, { scope, kind: 'source', name: source.name, version: source.version } as const]
      : [own];
  if (module === undefined) return found;
  const ofModule = found.map((each) => ({ ...each, module }));
  return distribution !== undefined && ERRATA.has(distribution.did) ? [...ofModule, ...found] : ofModule;
}

/** Distributions whose errata name module streams only in prose. */
const ERRATA: ReadonlySet<string> = new Set(['almalinux', 'rocky']);

/** Packages of languages and whole containers come from repositories of other kinds. */
function isOfRpms(repository: Repository | undefined): boolean {
  return repository === undefined || repository.key === 'rhel-cpe-repository';
}
