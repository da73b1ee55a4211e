/**
 * Packages whose name is a guess are looked up by the names that loaded advisories have and that could be theirs: only names
 * that have advisories matter. What is found so may or may not be about the package.
 */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Session } from '../db/database.ts';
import type { ReportLookup } from '../ecosystems/report-lookups.ts';
import type { IndexReport } from '../model/index-report.ts';
import { loadNamed } from './store/load-named.ts';

/** By position of the package: the names that it may have. */
export type GuessedNames = ReadonlyMap<number, readonly string[]>;

/** Names for one package: a word such as `core` is the artifact of many. */
const MAX_NAMES = 50;

export interface GuessedLookups {
  readonly names: GuessedNames;
  /** What to look up beside the packages' own names. */
  readonly lookups: readonly ReportLookup[];
}

export async function guessedLookups(
  db: Session,
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
): Promise<GuessedLookups> {
  const names = new Map<number, readonly string[]>();
  const lookups: ReportLookup[] = [];
  for (const { guesses, versions } of ecosystems) {
    if (guesses === undefined) continue;
    const guessed = report.packages.flatMap((each, position) => {
      const guess = guesses(each);
      return guess === undefined ? [] : [{ position, ...guess }];
    });
    for (const [scope, ofScope] of Map.groupBy(guessed, (each) => each.scope)) {
      const rows = await loadNamed(db, scope, [...new Set(ofScope.flatMap(({ artifacts }) => artifacts))]);
      const byArtifact = Map.groupBy(rows, ({ artifact }) => artifact);
      const known = new Set(rows.map(({ name }) => name));
      for (const { position, artifacts } of ofScope) {
        const { name: ownName, version, kind } = report.packages[position]!.package;
        // A name that advisories have is no guess any more.
        if (known.has(ownName)) continue;
        const candidates = artifacts.flatMap((each) => byArtifact.get(each) ?? []).map(({ name }) => name);
        const tried = [...new Set(candidates)].slice(0, MAX_NAMES);
        if (tried.length === 0) continue;
        names.set(position, tried);
        for (const name of tried)
          lookups.push({ lookup: { scope, name, kind, version }, versions, packages: [position] });
      }
    }
  }
  return { names, lookups };
}
