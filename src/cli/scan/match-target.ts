/** Matches what was indexed: of `scan`, `explain` and `diff` with feeds as fresh as the flags ask for. */
import type { Matcher, MatchReportOptions } from '../../matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../../matcher/report/report-wire.ts';
import { sortCoverage } from '../../model/coverage.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Engines } from '../database/open-engines.ts';
import { type RefreshOptions, refreshFeeds } from '../database/refresh-feeds.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { withNothingFound } from '../outcome/nothing-found.ts';
import type { ScanResult } from '../outcome/scan-result.ts';
import { staleFeeds } from '../outcome/stale-feeds.ts';
import type { Gate } from '../policy/gate.ts';
import { missingFacts } from '../policy/missing-facts.ts';
import type { Verdicts } from '../policy/policy-options.ts';

const EXAMPLE =
  'no advisory feed is reachable. Only the built-in example advisories were used: outdated and incomplete. Not a scan result';

/** What answers: the feeds; where none was ever loaded and none can be had, the example bundle. */
export interface ChosenMatcher {
  readonly matcher: Matcher;
  /** Set if it is the example bundle. */
  readonly example?: string;
}

/** See `ChosenMatcher`; with `update: 'never'` nobody has tried, so it is never the example. */
async function chooseMatcher(
  { matcher, exampleMatcher }: Engines,
  { update, signal }: Pick<MatchFreshOptions, 'update' | 'signal'>,
): Promise<ChosenMatcher> {
  if (exampleMatcher === undefined || update === 'never' || !(await isOffline(matcher))) return { matcher };
  return { matcher: await exampleMatcher(signal), example: EXAMPLE };
}

export interface MatchFreshOptions
  extends Omit<RefreshOptions, 'policy' | 'index'>,
    Pick<Verdicts, 'problems' | 'accept' | 'gate'>,
    MatchReportOptions {
  readonly update: UpdatePolicy;
}

/**
 * Refreshes the feeds and matches `index` with them. Returns the result and the matcher that gave it. Feeds older than
 * `published.maxAge` make the result incomplete; a result of the past (`at`) has the feeds of its day.
 */
export async function matchFresh(
  engines: Engines,
  target: MatchedTarget,
  index: IndexReportWire,
  options: MatchFreshOptions,
): Promise<ChosenMatcher & { readonly result: ScanResult }> {
  const { update, published, progress, at, problems, accept, gate } = options;
  await refreshFeeds(engines, { ...options, policy: update, index });
  progress.show('matching …');
  const chosen = at ? { matcher: engines.matcher } : await chooseMatcher(engines, options);
  const age = at ? { at } : { maxAge: published.maxAge };
  return { ...chosen, result: await matchTarget(chosen, target, index, { problems, accept, gate, ...age }) };
}

type MatchedTarget = ScanResult['target'] & Pick<ScanResult, 'names'>;

/** How old the feeds may be, in ms; undefined: as old as they are. */
interface FeedAge {
  readonly maxAge?: number | undefined;
}

/** The result for what was indexed. */
async function matchTarget(
  { matcher, example }: ChosenMatcher,
  { name, kind, names }: MatchedTarget,
  index: IndexReportWire,
  {
    problems,
    accept,
    gate,
    at,
    maxAge,
  }: Pick<Verdicts, 'problems' | 'accept'> &
    MatchReportOptions &
    FeedAge & { readonly gate: Gate | undefined },
): Promise<ScanResult> {
  const target = { name, kind };
  const { body } = await matcher.matchReport(withNothingFound(target, index), at && { at });
  const report = JSON.parse(body.toString()) as VulnerabilityReportWire;
  const now = new Date();
  const missing = [
    ...(maxAge === undefined ? [] : staleFeeds(report.feeds, maxAge, now)),
    // Of the example nothing is current; that is told as such.
    ...(gate === undefined || example !== undefined
      ? []
      : missingFacts(gate, await matcher.feedStatus(), now)),
  ];
  if (missing.length > 0) report.incomplete = sortCoverage([...report.incomplete, ...missing]);
  const { open, accepted, notices } = accept(report.incomplete);
  return {
    target,
    names,
    manifest: index.manifest_hash,
    feeds: report.feeds,
    problems: [...report.problems, ...problems],
    incomplete: open,
    accepted,
    notices,
    ...(example !== undefined && { example }),
    report,
    ...(index.linked && { linked: index.linked }),
  };
}

/** Whether feeds were asked, and not one was ever had. */
async function isOffline(matcher: Matcher): Promise<boolean> {
  return (
    !(await matcher.initialized()) && (await matcher.feedStatus()).some(({ state }) => state === 'failed')
  );
}
