/** One scan from target to report. */
import type { Config } from '../config/schema.ts';
import { openTarget, type Target } from '../image/open-target.ts';
import type { Matcher } from '../matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../matcher/report-wire.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import type { Severity } from '../model/severity.ts';
import type { DatabaseOptions } from './database-options.ts';
import { exitCodeOf } from './exit-code.ts';
import { formatBasis, formatTable } from './format-table.ts';
import { type Engines, openEngines, spoolDir } from './open-engines.ts';
import type { Progress } from './progress.ts';
import { matchesOf, type ScanResult } from './scan-result.ts';
import { type UpdatePolicy, updateFeeds } from './update-feeds.ts';
import { writeText } from './write-text.ts';

export interface ScanOptions {
  readonly config: Config;
  readonly database: DatabaseOptions;
  readonly format: 'table' | 'json';
  readonly output?: string;
  readonly update: UpdatePolicy;
  readonly failOn?: Severity;
  readonly platform?: string;
  readonly crossMounts: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Scans `text` (see `openTarget`), writes the report, and gives the exit code. Throws what kept it from being done. */
export async function scan(text: string, options: ScanOptions): Promise<number> {
  const { progress, signal } = options;
  await using target = await openTarget(text, {
    signal,
    spoolDir: spoolDir(),
    env: process.env,
    crossMounts: options.crossMounts,
    ...(options.platform !== undefined && { platform: options.platform }),
  });
  await using engines = await openEngines(options.database, progress.show);
  const index = await indexTarget(engines, target, options);
  // One image needs few of the feeds, and all of them are hundreds of megabytes.
  const only = engines.matcher.feedSetsOf(index);
  await updateFeeds(engines.matcher, { ...options, policy: options.update, only });
  progress.show('matching …');
  const result = await matchTarget(engines, target, index, options);
  progress.clear();

  const matches = matchesOf(result.report);
  const now = new Date();
  const color = options.output === undefined && process.stdout.isTTY === true && !process.env.NO_COLOR;
  await writeText(
    options.format === 'json'
      ? `${JSON.stringify(result)}\n`
      : formatTable(result, matches, { color }) + formatBasis(result, now),
    options.output,
  );
  return exitCodeOf(result, matches, options.failOn);
}

async function indexTarget(
  { indexer }: Engines,
  target: Target,
  { progress, signal }: ScanOptions,
): Promise<IndexReportWire> {
  const bytes = new Map<string, number>();
  const json = await indexer.index(target.manifest, {
    signal,
    allowLocal: true,
    onProgress: (layer) => {
      bytes.set(layer.layer, layer.bytes);
      const sum = [...bytes.values()].reduce((a, b) => a + b, 0);
      progress.show(`reading ${target.manifest.layers.length} layers: ${(sum / 1e6).toFixed(0)} MB`);
    },
  });
  return JSON.parse(json) as IndexReportWire;
}

const EXAMPLE =
  'no feed can be reached, so this was checked against the example advisories only: a few dozen, never current, never complete';

/** Matches against the feeds; where none was ever loaded and none can be had, against the example bundle. */
async function matchTarget(
  engines: Engines,
  target: Target,
  index: IndexReportWire,
  { update, signal }: ScanOptions,
): Promise<ScanResult> {
  const usesExample = update !== 'never' && (await isOffline(engines.matcher));
  const matcher =
    usesExample && engines.exampleMatcher ? await engines.exampleMatcher(signal) : engines.matcher;
  const { body } = await matcher.matchReport(index);
  const report = JSON.parse(body.toString()) as VulnerabilityReportWire;
  return {
    target: { name: target.name, kind: target.kind },
    manifest: target.manifest.hash,
    feeds: report.feeds,
    problems: report.problems,
    incomplete: report.incomplete,
    ...(matcher !== engines.matcher && { example: EXAMPLE }),
    report,
  };
}

/** Whether feeds were asked, and not one was ever had. */
async function isOffline(matcher: Matcher): Promise<boolean> {
  return (
    !(await matcher.initialized()) && (await matcher.feedStatus()).some(({ state }) => state === 'failed')
  );
}
