/** How saves and reads of reports go on while manifests are deleted and swept, lookups are refilled and a kernel update is notified. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from './measure.ts';
import type { Measured } from './million.ts';
import { saveMade } from './million-store.ts';

const BACKGROUND = fileURLToPath(new URL('./million-background.ts', import.meta.url));
/** Quiet and busy take turns, so that what else the machine does is the same for both. */
const ROUNDS = 3;
const ROUND_MS = 15_000;
/** Of what one connection can do alone. */
const PACE = 0.5;
/** Numbers of made manifests that nobody else uses. */
const FIRST_NEW = 100_000_000;

interface Seen {
  done: number;
  wall: number;
  readonly times: number[];
}

export async function measureMixed(measured: Measured): Promise<void> {
  const { db, indexer, server, manifests, figure } = measured;
  let made = FIRST_NEW + manifests;
  const known = (
    await db.query<{ digest: `sha256:${string}` }>({
      text: 'select digest from manifest order by id desc limit 1000',
    })
  ).map(({ digest }) => digest);
  const save = (): Promise<void> => saveMade(db, made++);
  let asked = 0;
  const read = async (): Promise<void> => {
    await indexer.newerReport(known[asked++ % known.length]! as never, undefined);
  };
  const works = { saves: save, reports: read };
  const pace = new Map<string, number>();
  for (const [name, work] of Object.entries(works))
    pace.set(name, ms(await drive(work, 0, ROUND_MS / 3)) / PACE);
  const quiet = new Map(Object.keys(works).map((name) => [name, nothing()]));
  const busy = new Map(Object.keys(works).map((name) => [name, nothing()]));
  const round = async (into: ReadonlyMap<string, Seen>): Promise<void> => {
    await Promise.all(
      Object.entries(works).map(async ([name, work]) => {
        add(into.get(name)!, await drive(work, pace.get(name)!, ROUND_MS));
      }),
    );
  };
  for (let n = 0; n < ROUNDS; n++) {
    await round(quiet);
    const background = spawn(process.execPath, [BACKGROUND, server.dsn('indexer'), String(manifests)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(background.stdout, 'data'); // all of its work has begun
    await round(busy);
    const ended = once(background, 'exit');
    background.kill('SIGKILL');
    await ended;
    await sleep(1000);
  }
  for (const name of Object.keys(works)) {
    const [before, during] = [quiet.get(name)!, busy.get(name)!];
    figure(`${name}_rate`, before.done / before.wall, '1/s', false);
    figure(`${name}_rate_busy`, during.done / during.wall, '1/s', false);
    figure(`${name}_kept`, (100 * (during.done / during.wall)) / (before.done / before.wall), '%', false);
    figure(`${name}_p50`, quantile(before.times, 0.5), 'ms');
    figure(`${name}_p50_busy`, quantile(during.times, 0.5), 'ms');
    figure(`${name}_max_busy`, Math.max(...during.times), 'ms', false);
  }
}

/** One after the other, one each `pace` ms if that is possible. */
async function drive(work: () => Promise<void>, pace: number, length: number): Promise<Seen> {
  const seen = nothing();
  const start = performance.now();
  for (let due = start; performance.now() - start < length; due += pace) {
    const early = due - performance.now();
    // Without even the shortest wait when it is late: that takes a millisecond, more than a read does.
    if (early > 0) await sleep(early);
    const began = performance.now();
    await work();
    seen.times.push(performance.now() - began);
    seen.done++;
  }
  seen.wall = (performance.now() - start) / 1000;
  return seen;
}

function nothing(): Seen {
  return { done: 0, wall: 0, times: [] };
}

function add(to: Seen, { done, wall, times }: Seen): void {
  to.done += done;
  to.wall += wall;
  to.times.push(...times);
}

/** ms for each. */
function ms({ times }: Seen): number {
  return quantile(times, 0.5);
}
