/** What of an image was not checked, or not wholly: an answer that rests on a missing feed is no "ok". */
import type { IndexedPackage, IndexReport } from '../model/index-report.ts';
import type { Distribution } from '../model/package.ts';
import type { Matches } from './match.ts';
import type { IncompleteWire } from './report-wire.ts';
import type { ScopeRow } from './store/feed-status.ts';

/** Distributions, ecosystems and packages of `report` that no loaded feed speaks of; each reason once. */
export function incompleteOf(
  report: IndexReport,
  {
    scopes,
    scopesOfPackages,
    scopesOfDistributions,
  }: Pick<Matches, 'scopes' | 'scopesOfPackages' | 'scopesOfDistributions'>,
): IncompleteWire[] {
  const feeds = Map.groupBy(
    scopes.filter(({ feed }) => feed !== null),
    ({ key }) => key,
  );
  const counts = new Map<string, IncompleteWire & { packages: number }>();
  const count = (what: string, reason: string, packages = 1): void => {
    const key = `${what}\0${reason}`;
    const entry = counts.get(key);
    counts.set(key, { what, reason, packages: (entry?.packages ?? 0) + packages });
  };
  for (const [position, indexed] of report.packages.entries()) {
    const groups = scopesOfPackages[position] ?? [];
    if (groups.length === 0) count(labelOf(indexed), 'no feed covers it');
    const reasons = new Map(groups.map((group) => gapOf(group, feeds)).filter((gap) => gap !== undefined));
    for (const [what, reason] of reasons) count(what, reason);
  }
  // A distribution counts even without packages: perhaps nobody can read its database.
  for (const [position, distribution] of report.distributions.entries()) {
    const group = scopesOfDistributions[position] ?? [];
    if (group.length === 0) {
      count(nameOf(distribution), 'no feed covers it', 0);
      continue;
    }
    const gap = gapOf(group, feeds);
    if (gap !== undefined) count(...gap, 0);
    // Files that cannot be read, and not one package: the database may well be among them.
    else if (report.problems.length > 0 && !hasPackages(report, distribution)) {
      count(nameOf(distribution), 'none of its packages could be read', 0);
    }
  }
  return [...counts.values()].sort((a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : 0));
}

/** What is missing of a record's scopes. One of several is enough: a CPE has many candidates, most of which nobody uses. */
function gapOf(
  group: readonly string[],
  feeds: ReadonlyMap<string, readonly ScopeRow[]>,
): [what: string, reason: string] | undefined {
  const known = group.filter((scope) => feeds.has(scope));
  const what = known[0] ?? group[0]!;
  if (known.length === 0) return [what, 'no feed covers it'];
  // A scope may have several feeds (Alpine's main and community): without one of them a part is unknown.
  const missing = known.flatMap((scope) =>
    feeds.get(scope)!.filter(({ last_success }) => last_success === null),
  );
  if (missing.length === 0) return undefined;
  const failed = missing.some(({ last_error }) => last_error !== null);
  const names = [...new Set(missing.map(({ feed }) => feed))].join(', ');
  return [what, failed ? `could not be loaded yet: ${names}` : `not loaded yet: ${names}`];
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
  return packages.some(({ environments }) =>
    environments.some((environment) => environment.distribution?.did === distribution.did),
  );
}
