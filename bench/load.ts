/** Reports under load: 8 clients for a minute on an image of 400 packages, then clients that have the report already. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { digestOf, makeTar } from '../test/e2e/make-image.ts';
import { ALPINE, startWorld, type World } from '../test/e2e/world.ts';
import type { Bench, Report } from './figures.ts';
import { costOfProcess, quantile } from './measure.ts';
import { type BenchService, postManifest, startService } from './service.ts';

const PACKAGES = 400;
/** Of each second package. */
const CVES = 8;
const CLIENTS = 8;
const WARM_UP = 3;

export const benchLoad: Bench = async (report, { seconds }) => {
  await using world = await startWorld();
  const manifest = fill(world);
  await using service = await startService({
    matcher: { disable_enrichment: true },
    updaters: { sets: ['alpine'] as never, config: { alpine: { url: `${world.address}/secdb/` } } },
  });
  for (const deadline = Date.now() + 60_000; !service.log().includes('feeds updated'); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`the feed was not loaded:\n${service.log().slice(-4000)}`);
  }
  await postManifest(service.address, manifest);
  const path = `/matcher/api/v1/vulnerability_report/${manifest.hash}`;
  await using pool = disposable(new Pool(service.address, { connections: CLIENTS }));

  const first = await pool.request({ method: 'GET', path });
  const body = Buffer.from(await first.body.arrayBuffer());
  const { vulnerabilities, packages } = JSON.parse(body.toString()) as Record<string, object>;
  report('packages', Object.keys(packages ?? {}).length, 'packages');
  report('vulnerabilities', Object.keys(vulnerabilities ?? {}).length, 'vulnerabilities');
  report('bytes', body.length, 'bytes');
  const etag = String(first.headers.etag);

  await run(pool, { path, seconds: WARM_UP, expect: 200, body });
  await tell('report', service, report, () => run(pool, { path, seconds, expect: 200, body }));
  const headers = { 'if-none-match': etag };
  await run(pool, { path, seconds: WARM_UP, expect: 304, headers });
  await tell('etag', service, report, () =>
    run(pool, { path, seconds: Math.min(10, seconds), expect: 304, headers }),
  );
};

/** An image, and a feed that has something to say of it. */
function fill(world: World): { readonly hash: string; readonly layers: object[] } {
  const names = Array.from({ length: PACKAGES }, (_, i) => `pkg${i}`);
  const secdb = JSON.stringify({
    packages: names
      .filter((_, i) => i % 2 === 0)
      .map((name, i) => ({
        pkg: {
          name,
          secfixes: { '1.1-r0': Array.from({ length: CVES }, (_, n) => `CVE-2099-${10_000 + i * CVES + n}`) },
        },
      })),
  });
  world.intercept = (path, response) => {
    if (path !== '/secdb/v3.40/main.json') return false;
    response.end(secdb);
    return true;
  };
  const installed = names.map((name) => `P:${name}\nV:1.0-r0\nA:x86_64\no:${name}\n\n`).join('');
  const blob = gzipSync(makeTar({ ...ALPINE, 'lib/apk/db/installed': installed }));
  const hash = digestOf(blob);
  world.blobs.set(hash, blob);
  return { hash: digestOf('manifest'), layers: [{ hash, uri: `${world.address}/blobs/${hash}` }] };
}

interface Load {
  readonly path: string;
  readonly seconds: number;
  readonly expect: number;
  readonly headers?: Record<string, string>;
  /** What every answer must be. */
  readonly body?: Buffer;
}

interface Outcome {
  readonly times: number[];
  readonly errors: number;
  readonly seconds: number;
}

/** `CLIENTS` clients, each asking again as soon as it has its answer. */
async function run(pool: Pool, { path, seconds, expect, headers, body }: Load): Promise<Outcome> {
  const times: number[] = [];
  let errors = 0;
  const start = performance.now();
  const end = start + 1000 * seconds;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < end) {
        const begin = performance.now();
        try {
          const answer = await pool.request({ method: 'GET', path, ...(headers && { headers }) });
          const bytes = Buffer.from(await answer.body.arrayBuffer());
          if (answer.statusCode !== expect || body?.equals(bytes) === false) errors++;
        } catch {
          errors++;
        }
        times.push(performance.now() - begin);
      }
    }),
  );
  return { times, errors, seconds: (performance.now() - start) / 1000 };
}

async function tell(name: string, { pid }: BenchService, report: Report, work: () => Promise<Outcome>) {
  const memory: number[] = [];
  const timer = setInterval(() => memory.push(residentMemory(pid)), 1000);
  let outcome: Outcome | undefined;
  const { cpu } = await costOfProcess(pid, async () => {
    outcome = await work();
  });
  clearInterval(timer);
  const { times, errors, seconds } = outcome!;
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  report(`${name}_errors`, errors, 'requests');
  report(`${name}_rate`, times.length / seconds, 'requests/s');
  report(`${name}_p50`, p50, 'ms');
  report(`${name}_p99`, p99, 'ms');
  report(`${name}_p99_by_p50`, p99 / p50, 'times');
  report(`${name}_max`, Math.max(0, ...times.slice(0, 100_000)), 'ms');
  report(`${name}_cpu`, (1000 * cpu) / times.length, 'ms/request');
  // The first and the last quarter of the time.
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const median = (values: readonly number[]): number => quantile(values, 0.5);
  report(`${name}_rss_begin`, median(memory.slice(0, quarter)), 'MB');
  report(`${name}_rss_end`, median(memory.slice(-quarter)), 'MB');
}

function residentMemory(pid: number): number {
  return (Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
}

function disposable(pool: Pool): Pool & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.destroy() });
}
