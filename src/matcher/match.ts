/** An index report against the advisories: what affects which package, and all that a report says about it. */
import type { Session } from '../db/database.ts';
import type { Ecosystem, VersionScheme } from '../ecosystems/contract.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { Problem } from '../model/package.ts';
import { decide } from './decide.ts';
import { type Lookup, lookupsOf } from './records.ts';
import { loadScopes, type ScopeRow } from './store/feed-status.ts';
import {
  type AdvisoryRow,
  type DocRow,
  type EnrichmentRow,
  loadAdvisories,
  loadDocs,
  loadEnrichments,
} from './store/load-advisories.ts';
import { matchAll } from './store/match-all.ts';

/** By position of the package in the report: ids of advisories. */
export type Hits = readonly ReadonlySet<number>[];

export interface Matches {
  readonly affected: Hits;
  /** Neither proven to affect nor not to: a version or a bound could not be read. Never in `affected` as well. */
  readonly undecided: Hits;
  readonly advisories: readonly AdvisoryRow[];
  readonly docs: ReadonlyMap<number, DocRow>;
  readonly enrichments: readonly EnrichmentRow[];
  /** Every scope that was asked for and is known, with its feeds. */
  readonly scopes: readonly ScopeRow[];
  /** By position: groups of scopes, of each of which at least one has to be known. */
  readonly scopesOfPackages: readonly (readonly string[])[][];
  /** By position of the distribution in the report: its scopes. */
  readonly scopesOfDistributions: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/** Five statements however many packages there are; run them in one snapshot. */
export async function match(
  db: Session,
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
  enrichers: readonly string[],
): Promise<Matches> {
  const {
    lookups,
    scopes: scopesOfPackages,
    scopesOfDistributions,
    problems,
  } = lookupsOf(report, ecosystems);
  const { affected, undecided } = await hitsOf(db, lookups, report.packages.length);
  const ids = new Set([...affected, ...undecided].flatMap((set) => [...set]));
  const advisories = await loadAdvisories(db, [...ids]);
  const docs = await loadDocs(db, [...new Set(advisories.map(({ doc }) => doc))]);
  const cves = new Set(docs.flatMap((doc) => doc.cves));
  return {
    affected,
    undecided,
    advisories,
    docs: new Map(docs.map((doc) => [doc.id, doc])),
    enrichments: await loadEnrichments(db, enrichers, [...cves]),
    scopes: await loadScopes(db, [
      ...new Set([...scopesOfPackages.flat(2), ...scopesOfDistributions.flat()]),
    ]),
    scopesOfPackages,
    scopesOfDistributions,
    problems,
  };
}

async function hitsOf(
  db: Session,
  lookups: readonly Lookup[],
  packages: number,
): Promise<{ affected: Hits; undecided: Hits }> {
  const keyOf = keys();
  const rows = await matchAll(
    db,
    lookups.map(({ finding, versions }) => ({ ...finding, key: keyOf(versions, finding.version) })),
  );
  const affected = Array.from({ length: packages }, () => new Set<number>());
  const undecided = Array.from({ length: packages }, () => new Set<number>());
  for (const row of rows) {
    const { finding, versions, packages: positions } = lookups[row.finding]!;
    const verdict = row.undecided
      ? decide(versions, finding.version, { from: row.from_version, below: row.below, upTo: row.up_to })
      : 'affected';
    if (verdict === 'unaffected') continue;
    const hits = verdict === 'affected' ? affected : undecided;
    for (const position of positions) hits[position]!.add(row.advisory);
  }
  for (const [position, ids] of undecided.entries()) for (const id of affected[position]!) ids.delete(id);
  return { affected, undecided };
}

/** Version keys; undefined where there is none, or the text is no version. */
function keys(): (versions: VersionScheme, text: string) => Buffer | undefined {
  const known = new Map<string, Buffer | undefined>();
  return (versions, text) => {
    const id = `${versions.id}\0${text}`;
    if (!known.has(id)) {
      const version = versions.parse(text);
      known.set(id, version === undefined ? undefined : versions.key(version));
    }
    return known.get(id);
  };
}
