/** Loading feeds, and how long a vulnerability report takes: recorded feeds and images, served on loopback. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveCorpus } from '../test/conformance/corpus-server.ts';
import type { Bench } from './figures.ts';
import { peakMemory, quantile } from './measure.ts';
import { recordedConfig, recordedManifest, requireRecordings, updated } from './recorded.ts';
import { type BenchService, postManifest, startService } from './service.ts';

const ROUNDS = 20;

export const benchMatch: Bench = async (report, { feeds }) => {
  requireRecordings(feeds);
  await using upstream = await serveCorpus(feeds);
  await using service = await startService(recordedConfig(feeds, upstream.address));

  const start = performance.now();
  await updated(service);
  const { process, postgres } = service.cpu();
  report('import_cpu', process, 's');
  report('import_cpu_postgres', postgres, 's');
  report('import_wall', (performance.now() - start) / 1000, 's');
  report('import_rss', peakMemory(service.pid), 'MB');

  const { latencies, median, largest, reports, refused, matches } = await measureReports(
    service,
    feeds,
    upstream.address,
  );
  report('reports', reports, 'images');
  report('refused', refused, 'images');
  report('matches', matches, 'vulnerabilities');
  report('report_p50', median, 'ms');
  report('largest_packages', largest.packages, 'packages');
  report('largest_p50', largest.median, 'ms');
  report('report_p95', quantile(latencies, 0.95), 'ms');
  report('report_max', Math.max(...latencies), 'ms');
  report('rss', peakMemory(service.pid), 'MB');
};

/** Milliseconds of every report, each image asked `ROUNDS` times; the median is that of the images' medians. */
async function measureReports(service: BenchService, feeds: string, upstream: string) {
  const latencies: number[] = [];
  const medians: number[] = [];
  let refused = 0;
  let matches = 0;
  let largest = { packages: 0, median: 0 };
  for (const name of readdirSync(join(feeds, 'images')).sort()) {
    const manifest = recordedManifest(feeds, name, upstream);
    if (manifest === undefined) continue;
    const indexed = await postManifest(service.address, manifest).catch(() => undefined);
    if (indexed?.state !== 'IndexFinished') {
      refused++; // some are there to be
      continue;
    }
    matches += await countMatches(service.address, manifest.hash);
    const own: number[] = [];
    for (let round = 0; round < ROUNDS; round++) own.push(await timeReport(service.address, manifest.hash));
    latencies.push(...own);
    const median = quantile(own, 0.5);
    medians.push(median);
    const packages = Object.keys(indexed.packages).length;
    if (packages > largest.packages) largest = { packages, median };
  }
  if (medians.length === 0) throw new Error(`no image could be indexed:\n${service.log().slice(-4000)}`);
  return { latencies, median: quantile(medians, 0.5), largest, reports: medians.length, refused, matches };
}

/** So that a fast answer with nothing in it is seen. */
async function countMatches(address: string, digest: string): Promise<number> {
  const response = await fetch(`${address}/matcher/api/v1/vulnerability_report/${digest}`);
  const report = (await response.json()) as { vulnerabilities?: object };
  return Object.keys(report.vulnerabilities ?? {}).length;
}

async function timeReport(address: string, digest: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(`${address}/matcher/api/v1/vulnerability_report/${digest}`);
  const body = await response.text();
  if (response.status !== 200)
    throw new Error(`vulnerability_report answered ${response.status}: ${body.slice(0, 500)}`);
  return performance.now() - start;
}
