/**
 * Packages whose name is a guess get the one that loaded advisories have for them, and are looked up by it: only names that
 * have advisories matter. Where several could be theirs, what is found by those may or may not be about the package.
 */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Guess } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';
import type { ReportLookup } from '../../ecosystems/report-lookups.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { loadNamed } from '../store/load-named.ts';

/** By position of the package: the names that it may have. */
export type GuessedNames = ReadonlyMap<number, readonly string[]>;

export interface NamedReport {
  /** With the names that are known now. */
  readonly report: IndexReport;
  readonly names: GuessedNames;
  /** What to look up beside the packages' own names. */
  readonly lookups: readonly ReportLookup[];
}

export async function nameGuessed(
  db: Session,
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
): Promise<NamedReport> {
  const packages = [...report.packages];
  const names = new Map<number, readonly string[]>();
  const lookups: ReportLookup[] = [];
  for (const { naming, versions } of ecosystems) {
    if (naming === undefined) continue;
    const guesses = new Map<number, Guess>();
    for (const [position, each] of report.packages.entries()) {
      const guess = naming.guess(each);
      if (guess !== undefined) guesses.set(position, guess);
    }
    if (guesses.size === 0) continue;
    const known = await loadNamed(db, naming.scope, [...guesses.values()]);
    for (const [position, { name, perhaps = [] }] of naming.settle(report.packages, guesses, known)) {
      const each = report.packages[position]!;
      if (name !== undefined) packages[position] = { ...each, package: { ...each.package, name } };
      if (perhaps.length > 0) names.set(position, perhaps);
      const { kind, version } = each.package;
      for (const other of perhaps)
        lookups.push({
          lookup: { scope: naming.scope, name: other, kind, version },
          versions,
          packages: [position],
        });
    }
  }
  return { report: { ...report, packages }, names, lookups };
}
