/** Loading feeds, and how long a vulnerability report takes: recorded feeds and images, served on loopback. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { RECORDED_ADDRESS } from '../test/conformance/corpus.ts';
import { serveCorpus } from '../test/conformance/corpus-server.ts';
import { rewriteConfig } from '../test/conformance/service.ts';
import type { Bench } from './figures.ts';
import { costOfProcess, peakMemory, quantile } from './measure.ts';
import { type BenchConfig, type BenchService, postManifest, startService } from './service.ts';

const UPDATE_MS = 900_000;
const ROUNDS = 20;

export const benchMatch: Bench = async (report, { feeds }) => {
  if (!existsSync(join(feeds, 'feeds'))) {
    throw new Error(`no feeds in ${feeds}: --feeds wants a folder with feeds/, images/ and clair.yaml`);
  }
  await using upstream = await serveCorpus(feeds);
  const recorded = readFileSync(join(feeds, 'clair.yaml'), 'utf8');
  const config = parse(
    rewriteConfig(recorded, {
      upstream: upstream.address,
      epss: undefined,
      dsn: '',
      port: 0,
      introspection: 0,
    }),
  ) as BenchConfig;
  await using service = await startService(config);

  const load = await costOfProcess(service.pid, () => updated(service));
  report('import_cpu', load.cpu, 's');
  report('import_wall', load.wall, 's');
  report('import_rss', peakMemory(service.pid), 'MB');

  const { latencies, median, largest, reports, refused, matches } = await measureReports(
    service,
    join(feeds, 'images'),
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

/** The first update of all feeds; the service logs its end. */
async function updated(service: BenchService): Promise<void> {
  for (const deadline = Date.now() + UPDATE_MS; Date.now() < deadline; await sleep(50)) {
    const log = service.log();
    if (log.includes('update of the feeds failed'))
      throw new Error(`the feeds were not loaded:\n${log.slice(-4000)}`);
    if (log.includes('feeds updated')) return;
  }
  throw new Error(`the feeds were not loaded in ${UPDATE_MS / 1000} s:\n${service.log().slice(-4000)}`);
}

/** Milliseconds of every report, each image asked `ROUNDS` times; the median is that of the images' medians. */
async function measureReports(service: BenchService, images: string, upstream: string) {
  const latencies: number[] = [];
  const medians: number[] = [];
  let refused = 0;
  let matches = 0;
  let largest = { packages: 0, median: 0 };
  for (const name of readdirSync(images).sort()) {
    const file = join(images, name, 'manifest.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8').replaceAll(RECORDED_ADDRESS, upstream)) as {
      hash: string;
    };
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
