/** The scopes in which a package is looked up, where a release has several: service packs, and builds of other channels. */
import type { Scope } from '../../../model/advisory.ts';
import type { Distribution } from '../../../model/package.ts';
import { numberedRelease, oracleRelease, scopeKeyOf, slesRelease } from './releases.ts';

/** SLES 15 has had seven, and there may be more; of SLES 12 and before there are none to come. */
const SERVICE_PACKS = Array.from({ length: 10 }, (_, index) => String(index));

/** Builds of Oracle Linux whose versions are above all others by their epochs: only advisories about the same are about them. */
export type OracleBuild = 'fips' | 'ksplice';

/** By the release of a package, or of its fix: `3.6.16-4.0.1.el8_fips`, `2.28-151.0.1.ksplice2.el8`. */
export function oracleBuildOf(version: string): OracleBuild | undefined {
  if (/[._]fips(?:[._]|$)/.test(version)) return 'fips';
  return /\.ksplice\d*(?:\.|$)/.test(version) ? 'ksplice' : undefined;
}

/** The scope of a release of Oracle Linux, or of one kind of builds for it. */
export function oracleScope(major: string, build?: OracleBuild): Scope {
  const distribution = oracleRelease(major);
  const key = scopeKeyOf(distribution)!;
  return { key: build === undefined ? key : `${key}:${build}`, distribution };
}

/** The scope of a release of SLES: of all its service packs, or of one. */
export function slesScope(major: string, servicePack?: string): Scope {
  const distribution = slesRelease(major, servicePack);
  return { key: slesKey(major, servicePack), distribution };
}

function slesKey(major: string, servicePack?: string): string {
  return servicePack === undefined ? `sles:${major}` : `sles:${major}.${servicePack}`;
}

/** All that a feed of a release of SLES covers. */
export function slesScopes(major: string): Scope[] {
  return [undefined, ...SERVICE_PACKS].map((servicePack) => slesScope(major, servicePack));
}

const OPENEULER_YEARS = ['20.03', '22.03', '24.03', '26.03'];
const OPENEULER_PACKS = ['-lts', '-lts-sp1', '-lts-sp2', '-lts-sp3', '-lts-sp4'];

/** The releases of openEuler that have advisories, those for the long term: `22.03-lts-sp3` -> its scope. */
export const OPENEULER_SCOPES: ReadonlyMap<string, Scope> = new Map(
  OPENEULER_YEARS.flatMap((year) =>
    OPENEULER_PACKS.map((pack): [string, Scope] => {
      const name = `${year}${pack}`;
      const distribution = numberedRelease('openeuler', 'openEuler', name.toUpperCase());
      return [name, { key: scopeKeyOf(distribution)!, distribution }];
    }),
  ),
);

/**
 * Where a package of this version is looked up; empty if the distribution has no advisories. Where the service pack is not
 * told it is any: never silently safe.
 */
export function lookupScopes(distribution: Distribution, version: string): readonly string[] {
  const own = scopeKeyOf(distribution);
  if (own === undefined) return [];
  if (distribution.did === 'ol') {
    const build = oracleBuildOf(version);
    return [build === undefined ? own : `${own}:${build}`];
  }
  // Some SBOMs tell only the number of a release of openEuler.
  if (distribution.did === 'openeuler') {
    const packs = [...OPENEULER_SCOPES.values()].filter(({ key }) => key.startsWith(`${own}-`));
    return own.includes('-') || packs.length === 0 ? [own] : packs.map(({ key }) => key);
  }
  if (distribution.did !== 'sles') return [own];
  const { servicePack } = distribution;
  const packs = servicePack === undefined ? SERVICE_PACKS : [servicePack];
  return [own, ...packs.map((pack) => `${own}.${pack}`)];
}
