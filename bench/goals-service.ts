/** A service: its first manifest, and after an update of the recorded feeds a report, many clients, and a big image. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { serveCorpus } from '../test/conformance/corpus-server.ts';
import { peakMemory, quantile } from './measure.ts';
import { type Layout, serveLayout } from './oci-layout.ts';
import { recordedConfig, recordedManifest, updated } from './recorded.ts';
import { type BenchService, postManifest, startService } from './service.ts';

/** The image whose reports are asked for. */
const REPORTED = 'debian12-multi';
const REPORTS = 20;
const CLIENTS = 8;
/** Requests of each client. */
const REQUESTS = 100;

/** CPU of the first manifest that a service gets, of the recorded image `name`. */
export async function measureFirstPost(feeds: string, name: string): Promise<Record<string, number>> {
  await using upstream = await serveCorpus(feeds);
  await using service = await startService({ matcher: { disable_updaters: true } });
  const manifest = recordedManifest(feeds, name, upstream.address)!;
  return { first_post_cpu: await cpuOfWork(service, () => postManifest(service.address, manifest)) };
}

/** What one service takes for all the rest, in the order of a day. */
export async function measureService(feeds: string, image: Layout): Promise<Record<string, number>> {
  await using upstream = await serveCorpus(feeds);
  await using blobs = await serveLayout(image);
  await using service = await startService(recordedConfig(feeds, upstream.address));
  await updated(service);
  const { process, postgres } = service.cpu();
  const update = {
    update_cpu_process: process,
    update_cpu_postgres: postgres,
    update_rss: peakMemory(service.pid),
  };

  const manifest = recordedManifest(feeds, REPORTED, upstream.address)!;
  await postManifest(service.address, manifest);
  await settled(service);
  const report = () => get(`${service.address}/matcher/api/v1/vulnerability_report/${manifest.hash}`);
  const first = await cpuOfWork(service, report);
  const again = await cpuOfWork(service, async () => {
    for (let round = 0; round < REPORTS; round++) await report();
  });
  const reports = { report_first_cpu: first, report_again_cpu: again / REPORTS };
  const repeats = await measureRepeats(service, manifest);

  await settled(service);
  // The peak from here on: what the update left behind is part of it, its own peak is not.
  writeFileSync(`/proc/${service.pid}/clear_refs`, '5');
  const start = performance.now();
  const post_cpu = await cpuOfWork(service, () => postManifest(service.address, blobs.manifest));
  const post_wall = (performance.now() - start) / 1000;
  return { ...update, ...reports, ...repeats, post_cpu, post_wall, post_rss: peakMemory(service.pid) };
}

/** Waits until what goes on after an update and a manifest is done: it is no part of what comes next. Throws if that takes a minute. */
async function settled(service: BenchService): Promise<void> {
  const spent = (): number => service.cpu().process + service.cpu().postgres;
  for (let round = 0; round < 60; round++) {
    const before = spent();
    await sleep(1000);
    if (spent() - before <= 0.03) return;
  }
  throw new Error('the service does not come to rest');
}

/** The same manifest, which is indexed already, from many clients at once; and its index report for comparison. */
async function measureRepeats(
  { address }: BenchService,
  manifest: { readonly hash: string },
): Promise<Record<string, number>> {
  const pool = new Pool(address, { connections: CLIENTS });
  const path = '/indexer/api/v1/index_report';
  const headers = { 'content-type': 'application/json' };
  const post = { method: 'POST', path, headers, body: JSON.stringify(manifest) } as const;
  try {
    const posts = await timesOf(pool, post);
    const gets = await timesOf(pool, { method: 'GET', path: `${path}/${manifest.hash}` });
    const [repeat_post_p99, repeat_get_p99] = [quantile(posts, 0.99), quantile(gets, 0.99)];
    return { repeat_post_p99, repeat_get_p99, repeat_p99_ratio: repeat_post_p99 / repeat_get_p99 };
  } finally {
    await pool.destroy();
  }
}

/** Milliseconds of each request of all clients. Throws if one is refused. */
async function timesOf(pool: Pool, request: Parameters<Pool['request']>[0]): Promise<number[]> {
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    for (let count = 0; count < REQUESTS; count++) {
      const start = performance.now();
      const { statusCode, body } = await pool.request(request);
      const text = await body.text();
      if (statusCode >= 300) throw new Error(`${request.path} answered ${statusCode}: ${text.slice(0, 500)}`);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, ask));
  return times;
}

async function cpuOfWork(service: BenchService, work: () => Promise<unknown>): Promise<number> {
  const before = service.cpu();
  await work();
  const after = service.cpu();
  return after.process - before.process + after.postgres - before.postgres;
}

async function get(url: string): Promise<void> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
}
