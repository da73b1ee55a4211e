/** An index report against the advisories: what affects which package, and all that a report says about it. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import type { Session } from '../../db/database.ts';
import { decide } from '../../ecosystems/decide.ts';
import { lookupsOf, type ReportLookup } from '../../ecosystems/report-lookups.ts';
import { versionKeys } from '../../ecosystems/version-keys.ts';
import type { IndexReport } from '../../model/index-report.ts';
import type { Problem } from '../../model/package.ts';
import { type Shown, shownOf } from '../shown/shown.ts';
import type { ShownCache } from '../shown/shown-cache.ts';
import { loadCoveringFeeds, loadScopes, loadScopesById, type ScopeRow } from '../store/feed-status.ts';
import { type EnricherRow, loadAdvisories, loadEnrichers } from '../store/load-advisories.ts';
import { matchAll } from '../store/match-all.ts';
import { matchAt } from '../store/match-at.ts';
import type { Snapshot } from '../store/update-diff.ts';
import type { Coverings } from './covering.ts';
import { type GuessedNames, type NamedReport, nameGuessed } from './guessed-names.ts';
import { stateAt } from './state-at.ts';
import { type Supports, supportsOf } from './support.ts';

/** By position of the package in the report, of those that have any: ids of advisories. */
export type Hits = ReadonlyMap<number, ReadonlySet<number>>;

/** What reports say of the scope of an advisory. */
type ShownScope = Pick<ScopeRow, 'distribution' | 'repository'>;

export interface Matches {
  /** The report, with names for packages that do not say theirs. */
  readonly report: IndexReport;
  readonly affected: Hits;
  /** Neither proven to affect nor not to: a version or a bound could not be read. Never in `affected` as well. */
  readonly undecided: Hits;
  /** Said not to be affected. */
  readonly unaffected: Hits;
  /** By position: what orders the versions of the package, of those that are affected. */
  readonly versions: ReadonlyMap<number, VersionScheme>;
  /** All that the above name. */
  readonly shown: readonly Shown[];
  /** Those whose facts are in `shown`. */
  readonly enrichers: readonly EnricherRow[];
  /** Every scope that was asked for and is known, with its feeds. */
  readonly scopes: readonly ScopeRow[];
  /** Those of the advisories, by their ids. */
  readonly scopesOfAdvisories: ReadonlyMap<number, ShownScope>;
  /** By position: groups of scopes, of each of which at least one has to be known. */
  readonly scopesOfPackages: readonly (readonly string[])[][];
  /** By position of the distribution in the report: its scopes. */
  readonly scopesOfDistributions: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
  /** Of packages that advisories may be about under another name: those are in `undecided`. */
  readonly guessed: GuessedNames;
  /** Of the distributions and programs of the report. */
  readonly supports: Supports;
  /** All that was looked up. */
  readonly lookups: readonly ReportLookup[];
}

export interface MatchOptions {
  readonly ecosystems: readonly Ecosystem[];
  /** Names of the enrichers whose facts are wanted. */
  readonly enrichers: readonly string[];
  readonly coverings: Coverings;
  readonly shown: ShownCache;
  /** Beginnings of scopes of which only what has a fix is wanted. */
  readonly fixedOnly?: readonly string[];
  /** The advisories that held at that time, and not those of now. */
  readonly at?: Date;
}

/** Some ten statements however many packages there are; run them in one snapshot. */
export async function match(db: Session, found: IndexReport, options: MatchOptions): Promise<Matches> {
  const { ecosystems, enrichers } = options;
  const named = await nameGuessed(db, found, ecosystems);
  const { report } = named;
  const {
    lookups,
    scopes: scopesOfPackages,
    scopesOfDistributions,
    problems,
  } = lookupsOf(report, ecosystems);
  const asked = new Set([...scopesOfPackages.flat(2), ...scopesOfDistributions.flat()]);
  const { scopes, idsOf } = await scopesOf(db, asked, options);
  const feeds = scopes.flatMap(({ feed }) => feed ?? []);
  const runs = options.at && (await stateAt(db, [...new Set(feeds)], options.at));
  const hitsOptions = { idsOf, ...options, ...(runs && { runs }) };
  const hits = await hitsOf(db, lookups, hitsOptions);
  const guessed = await guessedHits(db, named, hitsOptions);
  for (const [position, ids] of guessed.hits)
    hits.undecided.set(position, new Set([...(hits.undecided.get(position) ?? []), ...ids]));
  const ids = new Set<number>();
  const { affected, undecided, unaffected } = hits;
  for (const sets of [affected, undecided, unaffected])
    for (const set of sets.values()) for (const id of set) ids.add(id);
  const known = await loadEnrichers(db, enrichers);
  const basis = known.map(({ id, state }) => `${id} ${state}`).join('\n');
  const enricherIds = known.map(({ id }) => id);
  const shown = await options.shown.get(ids, basis, async (missing) =>
    (await loadAdvisories(db, missing, enricherIds)).map((row) => shownOf(row, known)),
  );
  return {
    report,
    ...hits,
    shown,
    enrichers: known,
    scopes,
    scopesOfAdvisories: await scopesOfShown(db, shown, scopes),
    scopesOfPackages,
    scopesOfDistributions,
    problems,
    guessed: guessed.names,
    supports: await supportsOf(db, report),
    lookups: [...lookups, ...named.lookups],
  };
}

/** What is known of the scopes that are looked up, and the ids of the scopes of advisories that hold for them. */
async function scopesOf(
  db: Session,
  asked: ReadonlySet<string>,
  { ecosystems, coverings }: MatchOptions,
): Promise<{ scopes: ScopeRow[]; idsOf: ReadonlyMap<string, readonly number[]> }> {
  const covered = await coverings.of(db, ecosystems, asked);
  const plain = await loadScopes(
    db,
    [...asked].filter((scope) => !covered.has(scope)),
  );
  const scopes = [...plain];
  for (const [key, ids] of covered) scopes.push(...(await loadCoveringFeeds(db, key, ids)));
  const idsOf = new Map([...plain.map(({ key, id }): [string, number[]] => [key, [id]]), ...covered]);
  return { scopes: scopes.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))), idsOf };
}

/** The scopes of advisories: those that were looked up are loaded already. */
async function scopesOfShown(
  db: Session,
  shown: readonly Shown[],
  known: readonly ScopeRow[],
): Promise<Matches['scopesOfAdvisories']> {
  const scopes = new Map<number, ShownScope>(known.map((scope) => [scope.id, scope]));
  const missing = new Set(shown.map(({ scope }) => scope).filter((id) => !scopes.has(id)));
  for (const scope of await loadScopesById(db, [...missing])) scopes.set(scope.id, scope);
  return scopes;
}

interface HitsOptions extends MatchOptions {
  readonly idsOf: ReadonlyMap<string, readonly number[]>;
  /** Of the feeds, at the time that was asked for. */
  readonly runs?: readonly Snapshot[];
}

async function hitsOf(
  db: Session,
  all: readonly ReportLookup[],
  { idsOf, fixedOnly = [], runs }: HitsOptions,
): Promise<Pick<Matches, 'affected' | 'unaffected' | 'versions'> & { undecided: Map<number, Set<number>> }> {
  const keyOf = versionKeys();
  const lookups = all.filter(({ lookup }) => (idsOf.get(lookup.scope) ?? []).length > 0);
  const keyed = lookups.map(({ lookup, versions }) => ({
    ...lookup,
    scopes: idsOf.get(lookup.scope)!,
    key: keyOf(versions, lookup.version),
    fixedOnly: fixedOnly.some((prefix) => lookup.scope.startsWith(prefix)),
  }));
  const rows = runs === undefined ? await matchAll(db, keyed) : await matchAt(db, keyed, runs);
  const [affected, undecided, unaffected] = [newHits(), newHits(), newHits()];
  const orders = new Map<number, VersionScheme>();
  for (const row of rows) {
    const { lookup, versions, packages: positions } = lookups[row.lookup]!;
    const fits = row.undecided
      ? decide(versions, lookup.version, { from: row.from_version, below: row.below, upTo: row.up_to })
      : 'affected';
    const verdict = fits === 'affected' && row.streamless ? 'unknown' : fits;
    if (verdict === 'unaffected' || (verdict === 'unknown' && row.asserts_unaffected)) continue;
    const hits = row.asserts_unaffected ? unaffected : verdict === 'affected' ? affected : undecided;
    for (const position of positions) {
      orders.set(position, versions);
      const ids = hits.get(position);
      if (ids === undefined) hits.set(position, new Set([row.advisory]));
      else ids.add(row.advisory);
    }
  }
  for (const [position, ids] of undecided) for (const id of affected.get(position) ?? []) ids.delete(id);
  return { affected, undecided, unaffected, versions: orders };
}

/** What may be about packages whose names are guesses, and which names those are. */
async function guessedHits(
  db: Session,
  { names, lookups }: NamedReport,
  options: HitsOptions,
): Promise<{ hits: Hits; names: GuessedNames }> {
  const { affected, undecided } = await hitsOf(db, lookups, options);
  const hits = new Map([...affected, ...undecided].map(([position]) => [position, new Set<number>()]));
  for (const [position, ids] of [...affected, ...undecided])
    for (const id of ids) hits.get(position)!.add(id);
  return { hits, names: new Map([...names].filter(([position]) => hits.has(position))) };
}

const newHits = (): Map<number, Set<number>> => new Map();
