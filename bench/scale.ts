/** All feeds at production size: a full update, one without news, the next day's, and reports in between. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CORPUS } from '../test/conformance/corpus.ts';
import { generateFeeds } from './feeds-generator.ts';
import type { Bench, Report } from './figures.ts';
import { cpuOf, peakMemory } from './measure.ts';
import { NEXT_DAY, serveFeeds } from './scale-feeds.ts';
import { type ScaleServer, startServer } from './scale-postgres.ts';
import { indexImages, measureAnew, measureLoad, scannerConfig, serveImages } from './scale-reports.ts';
import { type BenchConfig, type BenchService, startService } from './service.ts';

const UPDATE_MS = 1_800_000;
const POLL_MS = 20;
/** The server looks once a minute whether there is something to do. */
const SETTLE_MS = 90_000;
const QUIET_MS = 5000;

export const benchScale: Bench = async (report, { feeds, size }) => {
  await using resources = new AsyncDisposableStack();
  // Without a folder of that kind (the recorded feeds are small) they are made.
  const isGiven = size === undefined && existsSync(join(feeds, NEXT_DAY));
  const folder = isGiven ? feeds : mkdtempSync(join(tmpdir(), 'clair-feeds-'));
  if (!isGiven) {
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    await generateFeeds(folder, size ?? 0.1);
  }
  const upstream = resources.use(await serveFeeds(folder));
  const server = resources.use(await startServer());
  console.log(`# ${server.label}; sets: ${upstream.updaters.sets.join(', ')}`);
  const blobs = await serveImages(DEFAULT_CORPUS);
  if (blobs !== undefined) resources.use(blobs);
  const config = {
    updaters: upstream.updaters,
    ...(blobs && { indexer: { scanner: scannerConfig(blobs) } }),
  };
  const start = () => startUpdating(config, server);
  const cpuWith = (service: BenchService) => () => cpuOf(service.pid).own + server.cpu();
  const indexed = async (service: BenchService) =>
    blobs === undefined ? [] : await indexImages(service, DEFAULT_CORPUS, blobs);

  {
    await using service = await measureUpdate(report, 'full', server, start);
    await countRows(report, server);
    const images = await indexed(service);
    await measureAnew(report, service, images, { after: 'after_full', cpu: cpuWith(service) });
    await measureLoad(report, service, images, cpuWith(service));
  }
  {
    await using _ = await measureUpdate(report, 'unchanged', server, start);
  }
  if (!upstream.nextDay()) return;
  {
    await using service = await measureUpdate(report, 'next_day', server, start);
    await countRows(report, server);
    const images = await indexed(service);
    await measureAnew(report, service, images, { after: 'after_next_day', cpu: cpuWith(service) });
    await forgetRecords(server);
    await update(service);
    await measureAnew(report, service, images, { after: 'after_nvd_reload', cpu: cpuWith(service) });
    await server.matcher.query({ text: 'vacuum analyze' });
    await update(service); // reports that are still kept are of no use after one
    await measureAnew(report, service, images, { after: 'vacuumed', cpu: cpuWith(service) });
  }
};

/** A new process each time, as if it had not run meanwhile. */
async function startUpdating(config: BenchConfig, server: ScaleServer): Promise<BenchService> {
  const service = await startService(config, {
    indexer: server.dsn('indexer'),
    matcher: server.dsn('matcher'),
  });
  await updates(service, 1);
  return service;
}

/** What an update costs, with the start of the process and all that the database does for it. */
async function measureUpdate(
  report: Report,
  name: string,
  server: ScaleServer,
  start: () => Promise<BenchService>,
): Promise<BenchService> {
  await settled(server);
  const before = {
    cpu: server.cpu(),
    wal: await server.wal(),
    size: await server.size(),
    time: performance.now(),
  };
  const service = await start();
  // After a start only what is due was asked, which is all of it only the first time.
  if (name !== 'full') await update(service);
  const wall = (performance.now() - before.time) / 1000;
  const [cpu, database] = [cpuOf(service.pid).own, server.cpu() - before.cpu];
  report(`${name}_wall`, wall, 's');
  report(`${name}_cpu`, cpu + database, 's');
  report(`${name}_cpu_service`, cpu, 's');
  report(`${name}_cpu_database`, database, 's');
  report(`${name}_rss`, peakMemory(service.pid), 'MB');
  report(`${name}_wal`, ((await server.wal()) - before.wal) / 1e6, 'MB');
  report(`${name}_size`, (await server.size()) / 1e6, 'MB');
  report(`${name}_growth`, ((await server.size()) - before.size) / 1e6, 'MB');
  return service;
}

async function countRows(report: Report, { matcher }: ScaleServer): Promise<void> {
  const rows = await matcher.query<{ name: string; problems: number; error: string | null }>({
    text: 'select name, problem_count as problems, last_error as error from feed order by name',
  });
  const failed = rows.filter(({ error }) => error !== null);
  report('feeds', rows.length, '');
  report('feeds_failed', failed.length, '');
  const problems = rows.reduce((sum, row) => sum + row.problems, 0);
  report('problems', problems, 'records');
  for (const { name, error } of failed) console.log(`# ${name}: ${error}`);
  const tables = ['advisory', 'advisory_doc', 'enrichment'];
  for (const table of tables) {
    const [row] = await matcher.query<{ rows: number }>({
      text: `select count(*)::float8 as rows from ${table}`,
    });
    report(`${table}_rows`, row!.rows, '');
  }
}

/** Waits until the server has nothing left to do of its own: what it does after a phase is none of the next one's. */
async function settled(server: ScaleServer): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  for (let last = -1, now = await server.wal(); now !== last && Date.now() < deadline; ) {
    await sleep(QUIET_MS);
    [last, now] = [now, await server.wal()];
  }
}

/** As if the enricher had never been asked: all its records are made anew. */
async function forgetRecords({ matcher }: ScaleServer): Promise<void> {
  await matcher.query({
    text: `delete from enrichment where feed = (select id from feed where kind = 'enrichment' and name = 'clair.cvss')`,
  });
  await matcher.query({ text: `update feed set fingerprint = '' where name = 'clair.cvss'` });
}

/** Asks all feeds for news, due or not. */
async function update(service: BenchService): Promise<void> {
  const done = countUpdates(service);
  const { status } = await fetch(`${service.address}/matcher/api/v1/internal/feeds/update`, {
    method: 'POST',
  });
  if (status !== 202) throw new Error(`an update was answered with ${status}`);
  await updates(service, done + 1);
}

async function updates(service: BenchService, count: number): Promise<void> {
  for (const deadline = Date.now() + UPDATE_MS; countUpdates(service) < count; await sleep(POLL_MS)) {
    if (Date.now() > deadline || service.log().includes('update of the feeds failed'))
      throw new Error(`the feeds were not loaded:\n${service.log().slice(-4000)}`);
  }
}

function countUpdates(service: BenchService): number {
  return service.log().split('"feeds updated"').length - 1;
}
