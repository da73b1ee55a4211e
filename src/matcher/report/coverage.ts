/**
 * The verdict: what of an image was not checked. This is the one place that decides whether a report is complete; formats,
 * pages and exit codes show what it says.
 */
import { type CoverageEntry, type CoverageKind, type Notice, sortCoverage } from '../../model/coverage.ts';
import type { IndexedPackage, IndexReport } from '../../model/index-report.ts';
import { type Distribution, isProgramPackage, type Problem } from '../../model/package.ts';
import type { GuessedNames } from '../matching/guessed-names.ts';
import type { Matches } from '../matching/match.ts';
import { type Supports, statedOf, statedOfProgram } from '../matching/support.ts';
import type { ScopeRow } from '../store/feed-status.ts';
import type { IncompleteWire } from './report-wire.ts';

export interface Coverage {
  /** Empty: the report is complete. */
  readonly incomplete: IncompleteWire[];
  readonly notices: Notice[];
}

type CoverageBasis = Pick<
  Matches,
  'scopes' | 'scopesOfPackages' | 'scopesOfDistributions' | 'problems' | 'guessed' | 'supports'
>;

/** What of `report` its `matches` do not speak of at `now`; each reason once, in a fixed order. */
export function coverageOf(report: IndexReport, matches: CoverageBasis, now: Date): Coverage {
  const problems = [...report.problems, ...matches.problems];
  const unread = problems.filter(({ kind }) => kind !== 'note');
  const notes = problems.filter(({ kind }) => kind === 'note');
  const ends = endsOf(report, matches.supports, now);
  const incomplete = [
    ...gapsOf(report, matches).map(({ kind, what, reason, packages }) => ({
      kind,
      what,
      where: '',
      reason,
      count: packages,
      packages,
    })),
    ...withoutPackages(report, matches),
    ...guessedNames(report, matches.guessed),
    ...ends.incomplete,
    ...unread.map((problem) => ({ ...entryOf(problem), packages: 0 })),
  ];
  return {
    incomplete: sortCoverage(incomplete),
    notices: sortCoverage([
      ...notes.map((problem) => ({ ...entryOf(problem), kind: 'note' as const })),
      ...ends.notices,
    ]),
  };
}

function entryOf({ source, where, reason, kind = 'unread' }: Problem): CoverageEntry {
  return { kind: kind === 'note' ? 'unread' : kind, what: source, where, reason, count: 1 };
}

/** Distributions, ecosystems and packages that no loaded feed speaks of. */
export function gapsOf(
  report: Pick<IndexReport, 'packages' | 'distributions'>,
  {
    scopes,
    scopesOfPackages,
    scopesOfDistributions,
  }: Pick<CoverageBasis, 'scopes' | 'scopesOfPackages' | 'scopesOfDistributions'>,
): CountedGap[] {
  const feeds = feedsOfScopes(scopes);
  const counts = new Map<string, CountedGap>();
  const count = (gap: Gap, packages: number): void => {
    const key = `${gap.what}\0${gap.reason}`;
    counts.set(key, { ...gap, packages: (counts.get(key)?.packages ?? 0) + packages });
  };
  for (const [position, indexed] of report.packages.entries())
    for (const gap of gapsOfPackage(indexed, scopesOfPackages[position] ?? [], feeds)) count(gap, 1);
  // A distribution counts even without packages: perhaps nobody can read its database.
  for (const [position, distribution] of report.distributions.entries()) {
    const group = scopesOfDistributions[position] ?? [];
    const gap = group.length === 0 ? noFeed(nameOf(distribution)) : gapOf(group, feeds);
    if (gap !== undefined) count(gap, 0);
  }
  return [...counts.values()];
}

/** By key: the feeds of each scope that has any. */
export function feedsOfScopes(scopes: readonly ScopeRow[]): ReadonlyMap<string, readonly ScopeRow[]> {
  return Map.groupBy(
    scopes.filter(({ feed }) => feed !== null),
    ({ key }) => key,
  );
}

/** Why a package is not checked, or not everywhere; []: it is. `groups`: of its scopes, as `scopesOfPackages` has them. */
export function gapsOfPackage(
  indexed: IndexedPackage,
  groups: readonly (readonly string[])[],
  feeds: ReadonlyMap<string, readonly ScopeRow[]>,
): Gap[] {
  if (groups.length === 0) return [noFeed(labelOf(indexed))];
  const gaps = new Map(groups.flatMap((group) => gapOf(group, feeds) ?? []).map((gap) => [gap.what, gap]));
  const isProgram = isProgramPackage(indexed.package);
  return [...gaps.values()].map((gap) => (isProgram ? { ...gap, what: titleOf(indexed) } : gap));
}

/** Distributions of which not one package is there: their database is missing, empty, or of a kind that is not read. */
function withoutPackages(
  report: IndexReport,
  { scopesOfDistributions }: Pick<CoverageBasis, 'scopesOfDistributions'>,
): IncompleteWire[] {
  // Packages of a database on a distribution that is not known are of it, though they do not say so.
  const nobodys = report.packages.some(({ environments }) =>
    environments.every(
      ({ distribution, repositories = [] }) => distribution === undefined && repositories.length === 0,
    ),
  );
  return report.distributions
    .filter((_, position) => !nobodys || (scopesOfDistributions[position] ?? []).length > 0)
    .filter((distribution) => !hasPackages(report, distribution))
    .map((distribution) => ({
      kind: 'no-package-database',
      what: nameOf(distribution),
      where: '',
      reason: 'no package database was read, so none of its packages was found',
      count: 0,
      packages: 0,
    }));
}

/** Distributions and programs whose support is over, or goes on for some only. */
function endsOf(report: IndexReport, supports: Supports, now: Date): Coverage {
  const incomplete: IncompleteWire[] = [];
  const notices: Notice[] = [];
  for (const distribution of report.distributions) {
    const stated = statedOf(distribution, supports, now);
    if (stated === undefined) continue;
    const { standing, reason } = stated;
    const packages = report.packages.filter((each) => isOf(each, distribution)).length;
    const entry = {
      kind: 'end-of-life' as const,
      what: nameOf(distribution),
      where: '',
      reason,
      count: packages,
    };
    // What an SBOM of others names is the distribution that packages were built for, perhaps long ago.
    if (standing === 'ended' && report.origin !== 'sbom') incomplete.push({ ...entry, packages });
    else notices.push(entry);
  }
  for (const found of report.packages) {
    const stated = statedOfProgram(found, supports, now);
    if (stated === undefined) continue;
    const where = placeOf(found);
    notices.push({ kind: 'end-of-life', what: titleOf(found), where, reason: stated.reason, count: 1 });
  }
  return { incomplete, notices };
}

/** Packages that advisories may be about, if they are what their file or manifest suggests. */
function guessedNames({ packages }: IndexReport, guessed: GuessedNames): IncompleteWire[] {
  return [...guessed].map(([position, names]) => {
    const found = packages[position]!;
    const others = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
    return {
      kind: 'guessed-name',
      what: titleOf(found),
      where: placeOf(found),
      reason: `its name is not in its metadata; advisories for ${others.join(', ')} may apply to it`,
      count: 1,
      packages: 1,
    };
  });
}

export interface Gap {
  readonly kind: CoverageKind;
  readonly what: string;
  readonly reason: string;
  /** The load of one of its feeds was tried, in vain. */
  readonly failed?: boolean;
}

export interface CountedGap extends Gap {
  readonly packages: number;
}

function noFeed(what: string): Gap {
  return { kind: 'no-feed', what, reason: 'no feed covers it' };
}

/** What is missing of a record's scopes. One of several is enough: a CPE has many candidates, most of which nobody uses. */
function gapOf(group: readonly string[], feeds: ReadonlyMap<string, readonly ScopeRow[]>): Gap | undefined {
  const known = group.filter((scope) => feeds.has(scope));
  const what = known[0] ?? group[0]!;
  if (known.length === 0) return noFeed(what);
  // A scope may have several feeds (Alpine's main and community): without one of them a part is unknown.
  const missing = known.flatMap((scope) =>
    feeds.get(scope)!.filter(({ last_success }) => last_success === null),
  );
  if (missing.length === 0) return undefined;
  const failed = missing.some(({ last_error }) => last_error !== null);
  const names = [...new Set(missing.map(({ feed }) => feed))].join(', ');
  const reason = failed ? `could not be loaded yet: ${names}` : `not loaded yet: ${names}`;
  return { kind: 'feed-not-loaded', what, reason, failed };
}

function titleOf({ package: { name, version } }: IndexedPackage): string {
  return `${name} ${version}`;
}

/** The file that it was found in. */
function placeOf({ environments }: IndexedPackage): string {
  return environments[0]?.packageDb.replace(/^[a-z]+:/, '') ?? '';
}

function labelOf({ package: pkg, environments }: IndexedPackage): string {
  const distribution = environments.find((environment) => environment.distribution)?.distribution;
  const name = distribution && nameOf(distribution);
  if (name) return name;
  const detector = pkg.detector?.split(':')[0];
  return detector
    ? `packages found by ${detector}, without a known distribution`
    : 'packages without a known distribution';
}

function nameOf({ prettyName, name, versionId }: Distribution): string {
  return prettyName || [name, versionId].filter(Boolean).join(' ');
}

function hasPackages({ packages }: IndexReport, distribution: Distribution): boolean {
  return packages.some((each) => isOf(each, { did: distribution.did }));
}

function isOf({ environments }: IndexedPackage, { did, versionId }: Partial<Distribution>): boolean {
  return environments.some(
    ({ distribution }) =>
      distribution?.did === did && (versionId === undefined || distribution?.versionId === versionId),
  );
}
