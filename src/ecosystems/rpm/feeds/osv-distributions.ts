/** Distributions with rpm whose advisories are in the OSV database: a row each. */

import type { FeedSet } from '../../../contract/feed.ts';
import { namedReleases, type OsvReleases } from '../../../formats/osv/options.ts';
import { osv } from '../../../formats/osv/osv.ts';
import type { Scope } from '../../../model/advisory.ts';
import type { PackageKind } from '../../../model/package.ts';
import { numberedRelease, openEulerName, scopeKeyOf } from '../scopes/releases.ts';
import { OPENEULER_SCOPES } from '../scopes/scopes.ts';
import { errataIn } from './osv-errata.ts';
import { OPENSUSE_RELEASES, SUSE_RELEASES } from './suse-products.ts';

interface OsvDistribution {
  readonly dump: string;
  /** OSV schema, "Defined ecosystems"; AlmaLinux lists its binary packages. */
  readonly names: PackageKind;
  readonly releases: OsvReleases;
  /** Whether mirrors that were made for an earlier release of this program may be without it. */
  readonly isNew?: true;
}

const DISTRIBUTIONS: readonly OsvDistribution[] = [
  { dump: 'AlmaLinux', names: 'binary', releases: numbered('almalinux', 'AlmaLinux', ['8', '9', '10']) },
  { dump: 'Rocky Linux', names: 'source', releases: numbered('rocky', 'Rocky Linux', ['8', '9', '10']) },
  {
    dump: 'Mageia',
    names: 'source',
    releases: numbered('mageia', 'Mageia', ['6', '7', '8', '9', '10']),
    isNew: true,
  },
  { dump: 'openEuler', names: 'source', releases: openEulerReleases(), isNew: true },
  { dump: 'openSUSE', names: 'source', releases: OPENSUSE_RELEASES, isNew: true },
  { dump: 'SUSE', names: 'source', releases: SUSE_RELEASES, isNew: true },
];

/** The feeds `osv/almalinux`, `osv/rocky linux`, …, each of all releases of its distribution. */
// differs: Clair reads none of these advisories (clair-matching.md#osv)
export const osvDistributions: readonly FeedSet[] = DISTRIBUTIONS.map(({ dump, names, releases, isNew }) =>
  osv({
    ...errataIn(dump, releases, names),
    ...(isNew && { mirrorsMayLack: true }),
  }),
);

/** Keys of the scopes whose advisories name source packages. */
export const NAMED_BY_SOURCE: ReadonlySet<string> = new Set(
  DISTRIBUTIONS.filter(({ names }) => names === 'source').flatMap(({ releases }) =>
    releases.scopes.map(({ key }) => key),
  ),
);

function numbered(did: string, name: string, numbers: readonly string[]): OsvReleases {
  return namedReleases(
    new Map(
      numbers.map((number): [string, Scope] => {
        const distribution = numberedRelease(did, name, number);
        return [number, { key: scopeKeyOf(distribution)!, distribution }];
      }),
    ),
  );
}

/** `22.03-LTS-SP3`. */
function openEulerReleases(): OsvReleases {
  const named = namedReleases(OPENEULER_SCOPES);
  return { ...named, of: (release) => named.of(openEulerName(release) ?? '') };
}
