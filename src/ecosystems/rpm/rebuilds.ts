/** Advisories of the distributions that rebuild Red Hat's packages, AlmaLinux and Rocky Linux: their errata in OSV. */

import type { FeedSet } from '../../contract/feed.ts';
import { osv } from '../../formats/osv/osv.ts';
import type { Scope } from '../../model/advisory.ts';
import { rebuildRelease, scopeKeyOf } from './releases.ts';
import { rpmVersions } from './version.ts';

const RELEASES = ['8', '9', '10'];

/** The feeds `osv/almalinux` and `osv/rocky linux`, each of all releases. */
// differs: Clair reads advisories of neither (clair-matching.md#osv)
export const rebuildFeeds: readonly FeedSet[] = [
  osv({
    dump: 'AlmaLinux',
    scope: scopesOf('almalinux', 'AlmaLinux'),
    versions: rpmVersions,
    ranges: ['ECOSYSTEM'],
    encodeFixed: 'text',
    errata: true,
  }),
  osv({
    dump: 'Rocky Linux',
    scope: scopesOf('rocky', 'Rocky Linux'),
    versions: rpmVersions,
    ranges: ['ECOSYSTEM'],
    encodeFixed: 'text',
    kind: 'source', // OSV schema, "Defined ecosystems"
    errata: true,
  }),
];

function scopesOf(did: string, name: string): ReadonlyMap<string, Scope> {
  return new Map(
    RELEASES.map((version) => {
      const distribution = rebuildRelease(did, name, version);
      return [version, { key: scopeKeyOf(distribution)!, distribution }];
    }),
  );
}
