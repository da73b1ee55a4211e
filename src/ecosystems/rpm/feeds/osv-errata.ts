/** How the OSV database has errata of distributions with rpm. */
import type { OsvOptions, OsvReleases } from '../../../formats/osv/options.ts';
import type { PackageKind } from '../../../model/package.ts';
import { rpmVersions } from '../scopes/version.ts';

/** The errata in `dump` for `releases`, which name packages of kind `names`. */
export function errataIn(dump: string, releases: OsvReleases, names: PackageKind): OsvOptions {
  return {
    dump,
    scope: releases,
    versions: rpmVersions,
    ranges: ['ECOSYSTEM'],
    encodeFixed: 'text',
    kind: names,
    errata: true,
  };
}
