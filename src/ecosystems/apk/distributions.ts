/** Distributions of apk packages other than Alpine Linux: a row each. */
import type { Scope } from '../../model/advisory.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';

/** Where its advisories come from: a security database in a file, or a dump of the OSV database. */
type ApkSource = { readonly secdb: string } | { readonly dump: string };

export interface ApkDistribution {
  /** ID of os-release(5); also the name of its updater set, if it has one, and the beginning of its scopes. */
  readonly id: string;
  readonly otherIds?: readonly string[];
  readonly name: string;
  /** Releases with advisories of their own; undefined: it has none, and VERSION_ID is a date. */
  readonly releases?: readonly string[];
  readonly source: ApkSource;
}

export const DISTRIBUTIONS: readonly ApkDistribution[] = [
  { id: 'wolfi', name: 'Wolfi', source: { secdb: 'https://packages.wolfi.dev/os/security.json' } },
  {
    id: 'chainguard',
    name: 'Chainguard',
    source: { secdb: 'https://packages.cgr.dev/chainguard/security.json' },
  },
  {
    id: 'minimos',
    name: 'MinimOS',
    source: { secdb: 'https://packages.mini.dev/advisories/secdb/security.json' },
  },
  {
    id: 'alpaquita',
    name: 'Alpaquita Linux',
    releases: ['23', '25', 'stream'],
    source: { dump: 'Alpaquita' },
  },
  {
    id: 'bellsoft-hardened-containers',
    name: 'BellSoft Hardened Containers',
    releases: ['23', '25', 'stream'],
    source: { dump: 'BellSoft Hardened Containers' },
  },
  { id: 'cleanstart', otherIds: ['clnstrt'], name: 'CleanStart', source: { dump: 'CleanStart' } },
];

const ROWS = new Map(
  DISTRIBUTIONS.flatMap((each) => [each.id, ...(each.otherIds ?? [])].map((id) => [id, each] as const)),
);

/** Returns the row of a distribution by ID of os-release(5), or by the name of its scopes. */
export function rowOf(id: string): ApkDistribution | undefined {
  return ROWS.get(id);
}

/** Returns `wolfi`, `alpaquita:23`; undefined for Alpine Linux and any other, and for a release that is not told. */
export function derivativeKey({
  did,
  versionId,
}: Pick<Distribution, 'did' | 'versionId'>): string | undefined {
  const row = rowOf(did);
  if (row?.releases === undefined) return row?.id;
  const release = /^(?:\d+|[a-z]+)/.exec(versionId.toLowerCase())?.[0];
  return release === undefined ? undefined : `${row.id}:${release}`;
}

/** The scope of all that `row` has, or of one of its releases. */
export function derivativeScope({ id, name }: ApkDistribution, release = ''): Scope {
  const prettyName = `${name} ${release}`.trim();
  const distribution = { ...NO_DISTRIBUTION, did: id, name, versionId: release, prettyName };
  return { key: release === '' ? id : `${id}:${release}`, distribution };
}

/** All scopes of `row`. */
export function derivativeScopes(row: ApkDistribution): Scope[] {
  return (row.releases ?? ['']).map((release) => derivativeScope(row, release));
}

/** How the keys of all their scopes begin, or what they are. */
export const DERIVATIVE_SCOPES: readonly string[] = DISTRIBUTIONS.map(({ id, releases }) =>
  releases === undefined ? id : `${id}:`,
);
