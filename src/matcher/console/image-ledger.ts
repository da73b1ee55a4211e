/** The ledger of an image: each of its packages is in one line, which says whether a feed covers it. */

import type { Matches } from '../matching/match.ts';
import { coverageOf, feedsOfScopes, gapsOfPackage } from '../report/coverage.ts';

/** Packages of one type that are looked up in one place. */
export interface LedgerLine {
  readonly what: string;
  /** '': nowhere. */
  readonly scope: string;
  readonly packages: number;
  /** Of the scope; []: none. */
  readonly feeds: readonly string[];
  /** Why they are not checked; null: they are. */
  readonly reason: string | null;
}

export interface ImageLedger {
  readonly state: 'complete' | 'incomplete' | 'unchecked';
  readonly packages: number;
  readonly checked: number;
  readonly lines: readonly LedgerLine[];
  /** What is missing, and no package: as the report has it. */
  readonly other: readonly object[];
}

const MAX_OTHER = 200;

/** `types`: of each package, by its position in the report. `unchecked`: positions of those that are not checked. */
export function ledgerOf(
  matches: Matches,
  types: readonly string[],
  now: Date,
): { readonly ledger: ImageLedger; readonly unchecked: readonly number[] } {
  const feeds = feedsOfScopes(matches.scopes);
  const lines = new Map<string, LedgerLine>();
  const unchecked: number[] = [];
  for (const [position, indexed] of matches.report.packages.entries()) {
    const groups = matches.scopesOfPackages[position] ?? [];
    const [gap] = gapsOfPackage(indexed, groups, feeds);
    const scope = groups.flat().find((each) => feeds.has(each)) ?? groups[0]?.[0] ?? '';
    const line = {
      what: types[position]!,
      scope,
      feeds: [...new Set((feeds.get(scope) ?? []).flatMap(({ feed }) => feed ?? []))],
      reason: gap?.reason ?? null,
    };
    if (gap !== undefined) unchecked.push(position);
    const key = JSON.stringify(line);
    lines.set(key, { ...line, packages: (lines.get(key)?.packages ?? 0) + 1 });
  }
  const packages = matches.report.packages.length;
  const checked = packages - unchecked.length;
  const { incomplete } = coverageOf(matches.report, matches, now);
  // The verdict is that of reports: an image is complete only if its report says so.
  const isUnchecked = packages === 0 ? incomplete.length > 0 : checked === 0;
  const ledger: ImageLedger = {
    state: incomplete.length === 0 ? 'complete' : isUnchecked ? 'unchecked' : 'incomplete',
    packages,
    checked,
    lines: [...lines.values()].sort((a, b) => b.packages - a.packages),
    other: incomplete
      .filter((entry) => entry.packages === 0 || entry.kind === 'end-of-life')
      .slice(0, MAX_OTHER),
  };
  return { ledger, unchecked };
}
