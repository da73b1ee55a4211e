/** Which manifests advisories affect: matching the other way round, for thousands of them at once. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import type { Database, Session } from '../db/database.ts';
import { decide } from '../ecosystems/decide.ts';
import { ecosystemOfScope } from '../ecosystems/scopes.ts';
import { keyRangeOf, versionKeys } from '../ecosystems/version-keys.ts';
import { type AdvisoryFacts, ANY_MODULE } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import { HolderSpool } from './holder-spool.ts';
import {
  loadDigests,
  loadLookupScopes,
  loadSetsWith,
  matchLookups,
  readHolders,
  type ScopedAdvisory,
} from './store/match-lookups.ts';

/** An advisory, and how its versions are ordered. */
export interface OrderedAdvisory {
  readonly advisory: AdvisoryFacts;
  readonly versions: VersionScheme;
}

/** Some of the manifests that are affected. */
export interface AffectedPage {
  /** Which of those asked about affect each: positions, ascending. Manifests with the same positions share the array. */
  readonly manifests: readonly (readonly [manifest: Digest, positions: readonly number[]])[];
  /** What to ask for to go on behind this page. */
  readonly next: string;
}

export interface PageOptions {
  /** `next` of the last page that one has; '': from the beginning. */
  readonly after: string;
  readonly signal: AbortSignal;
}

/** What is asked about, and whether versions are compared even where their keys could be (see `StoredLookups.areMixed`). */
export interface Question {
  readonly asked: readonly (readonly OrderedAdvisory[])[];
  readonly byVersion: boolean;
}

/**
 * Pages of manifests of which any of `asked` has an advisory that affects it, each manifest once. Memory: a page, and what
 * the advisories apply to. No transaction is open while a page is dealt with.
 */
export async function* affectedPages(
  db: Database,
  ecosystems: readonly Ecosystem[],
  question: Question,
  { after, signal }: PageOptions,
): AsyncGenerator<AffectedPage> {
  using spool = new HolderSpool();
  // Between two statements, a manifest could get other lookups.
  const affecting = await db.snapshot(async (tx) => {
    const positionsOf = await lookupsAffectedBy(tx, ecosystems, question);
    const lookups = [...positionsOf.keys()];
    const sets = new Set<number>();
    for (const { set, lookup } of await loadSetsWith(tx, lookups)) {
      positionsOf.set(-set, [...(positionsOf.get(-set) ?? []), ...positionsOf.get(lookup)!]);
      sets.add(set);
    }
    await readHolders(tx, { lookups, sets: [...sets] }, Number(after), (holder) => {
      signal.throwIfAborted();
      spool.add(holder);
    });
    return positionsOf;
  });
  for (const holders of spool.pages()) {
    signal.throwIfAborted();
    const digests = await loadDigests(
      db,
      holders.map(({ manifest }) => manifest),
    );
    const known = new Map<string, readonly number[]>();
    const manifests = holders.flatMap(({ manifest, has }) => {
      const digest = digests.get(manifest);
      if (digest === undefined) return [];
      const key = has.join();
      let positions = known.get(key);
      if (positions === undefined) {
        positions = [...new Set(has.flatMap((each) => affecting.get(each) ?? []))].sort((a, b) => a - b);
        known.set(key, positions);
      }
      return [[digest, positions] as const];
    });
    yield { manifests, next: String(holders.at(-1)!.manifest) };
  }
}

/** How the versions of an advisory of ours are ordered; undefined: its scope is of no ecosystem. */
export function orderedAdvisory(
  ecosystems: readonly Ecosystem[],
  advisory: AdvisoryFacts,
): OrderedAdvisory | undefined {
  const ecosystem = ecosystemOfScope(ecosystems, advisory.scope);
  return ecosystem && { advisory, versions: ecosystem.versions };
}

/** By lookup: positions in `asked`. What cannot be decided counts as in a report: not as affected. */
async function lookupsAffectedBy(
  db: Session,
  ecosystems: readonly Ecosystem[],
  { asked, byVersion }: Question,
): Promise<Map<number, number[]>> {
  const advisories = asked.flatMap((each, index) => each.map((entry) => ({ index, ...entry })));
  const scopesOf = await coveredScopes(db, ecosystems, [
    ...new Set(advisories.map(({ advisory }) => advisory.scope)),
  ]);
  const keyOf = versionKeys();
  const scoped: (ScopedAdvisory & { index: number; advisory: AdvisoryFacts; versions: VersionScheme })[] = [];
  for (const { index, advisory, versions } of advisories) {
    const { name, kind, module = '', arches } = advisory;
    if (module === ANY_MODULE) continue; // never decided
    const ordered = keyRangeOf(keyOf, versions, advisory);
    const range = byVersion ? { ...ordered, undecided: true } : ordered;
    for (const scope of scopesOf(advisory.scope)) {
      scoped.push({ ...range, scope, name, kind, module, arches, index, advisory, versions });
    }
  }
  const affectedBy = new Map<number, number[]>();
  for (const { advisory: position, lookup, version } of await matchLookups(db, scoped)) {
    const { index, advisory, versions } = scoped[position]!;
    if (version !== null && decide(versions, version, advisory) !== 'affected') continue;
    const known = affectedBy.get(lookup);
    if (known === undefined) affectedBy.set(lookup, [index]);
    else known.push(index);
  }
  return affectedBy;
}

/** For a scope of advisories: the ids of the scopes of lookups that it covers. */
async function coveredScopes(
  db: Session,
  ecosystems: readonly Ecosystem[],
  wanted: readonly string[],
): Promise<(scope: string) => readonly number[]> {
  if (wanted.length === 0) return () => [];
  const covers = ecosystems.flatMap(({ cover }) => cover ?? []);
  const coversOf = (scope: string) => covers.filter(({ prefix }) => scope.startsWith(prefix));
  const prefixes = [...new Set(wanted.flatMap((scope) => coversOf(scope).map(({ prefix }) => prefix)))];
  const stored = await loadLookupScopes(db, wanted, prefixes);
  const known = new Map<string, number[]>();
  return (scope) => {
    let ids = known.get(scope);
    if (ids === undefined) {
      const own = coversOf(scope);
      ids = stored
        .filter(({ key }) =>
          own.length === 0
            ? key === scope
            : own.some((cover) => key.startsWith(cover.prefix) && cover.covers(scope, key)),
        )
        .map(({ id }) => id);
      known.set(scope, ids);
    }
    return ids;
  };
}
