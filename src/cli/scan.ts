/** One scan from target to report. */
import type { Config } from '../config/schema.ts';
import { openTarget, type RegistryFlags, type Target } from '../image/open-target.ts';
import type { Matcher } from '../matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../matcher/report-wire.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import type { Severity } from '../model/severity.ts';
import type { DatabaseOptions } from './database-options.ts';
import { exitCodeOf } from './exit-code.ts';
import { type Engines, openEngines, spoolDir } from './open-engines.ts';
import type { Outputs } from './output-options.ts';
import type { Progress } from './progress.ts';
import { openSbom } from './sbom-target.ts';
import { matchesOf, type ScanResult } from './scan-result.ts';
import { type UpdatePolicy, updateFeeds } from './update-feeds.ts';
import { writeReports } from './write-reports.ts';

export interface ScanOptions {
  readonly config: Config;
  readonly database: DatabaseOptions;
  readonly outputs: Outputs;
  readonly update: UpdatePolicy;
  readonly failOn?: Severity;
  readonly platform?: string;
  readonly crossMounts: boolean;
  readonly registry: RegistryFlags;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Scans `text` (see `openSbom` and `openTarget`), writes the reports, and gives the exit code. Throws what kept it from being done. */
export async function scan(text: string, options: ScanOptions): Promise<number> {
  const { progress } = options;
  const sbom = await openSbom(text, process.stdin);
  await using image = sbom === undefined ? await openImage(text, options) : undefined;
  await using engines = await openEngines(options.database, progress.show);
  const index = sbom?.index ?? (await indexTarget(engines, image!, options));
  // One image needs few of the feeds, and all of them are hundreds of megabytes.
  const only = engines.matcher.feedSetsOf(index);
  await updateFeeds(engines.matcher, { ...options, policy: options.update, only });
  progress.show('matching …');
  const result = await matchTarget(engines, (sbom ?? image)!, index, options);
  progress.clear();

  const matches = matchesOf(result.report);
  await writeReports(options.outputs, result, matches);
  return exitCodeOf(result, matches, options.failOn);
}

function openImage(text: string, { signal, crossMounts, registry, platform }: ScanOptions): Promise<Target> {
  return openTarget(text, {
    signal,
    spoolDir: spoolDir(),
    env: process.env,
    crossMounts,
    registry,
    ...(platform !== undefined && { platform }),
  });
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
  { name, kind }: ScanResult['target'],
  index: IndexReportWire,
  { update, signal }: ScanOptions,
): Promise<ScanResult> {
  const usesExample = update !== 'never' && (await isOffline(engines.matcher));
  const matcher =
    usesExample && engines.exampleMatcher ? await engines.exampleMatcher(signal) : engines.matcher;
  const { body } = await matcher.matchReport(index);
  const report = JSON.parse(body.toString()) as VulnerabilityReportWire;
  return {
    target: { name, kind },
    manifest: index.manifest_hash,
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
