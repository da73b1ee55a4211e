/**
 * How saves and reads of reports go on while manifests are deleted and swept, lookups are refilled and a kernel update is notified.
 * The work beside them is that of a service, and as much as it would be: it is done to its end, and counted. It is another
 * process, as if one replica had all of it while another one serves the requests; PostgreSQL and the CPUs are shared.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../src/model/digest.ts';
import { quantile } from './measure.ts';
import type { Measured } from './million.ts';
import type { Round } from './million-background.ts';
import { makeOlder } from './million-refill.ts';
import { saveMade } from './million-store.ts';
import { vacuumed } from './scale-postgres.ts';

const BACKGROUND = fileURLToPath(new URL('./million-background.ts', import.meta.url));
/** Quiet and busy take turns, so that what else the machine does is the same for both. A busy turn ends with its work. */
const ROUNDS = 3;
const QUIET_MS = 30_000;
const WARM_MS = 5000;
/** Manifests of an older release that are refilled in a busy turn. */
const OLDER = 500;
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
  const { db, server, manifests, figure } = measured;
  const [stored] = await db.query<{ count: number }>({
    text: 'select count(*)::int8 as count from manifest',
  });
  const works = await worksOf(measured);
  const pace = new Map<string, number>();
  for (const [name, work] of works)
    pace.set(name, ms(await drive(work, 0, AbortSignal.timeout(WARM_MS))) / PACE);
  const [quiet, busy] = [seenOf(works), seenOf(works)];
  const drivenUntil = async (end: AbortSignal, into: ReadonlyMap<string, Seen>): Promise<void> => {
    const seen = await Promise.all([...works].map(([name, work]) => drive(work, pace.get(name)!, end)));
    for (const [at, name] of [...works.keys()].entries()) add(into.get(name)!, seen[at]!);
  };
  const background = spawn(process.execPath, [BACKGROUND, server.dsn('indexer'), String(manifests)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const told = background.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  await told.next(); // it is ready
  const rounds: Round[] = [];
  let older = 0;
  for (let n = 0; n < ROUNDS; n++) {
    older += await makeOlder(measured, OLDER);
    await vacuumed(db);
    await drivenUntil(AbortSignal.timeout(QUIET_MS), quiet);
    const over = new AbortController();
    background.stdin.write('round\n');
    const [line] = await Promise.all([
      told.next().finally(() => over.abort()),
      drivenUntil(over.signal, busy),
    ]);
    if (line.done === true) throw new Error('the work beside saves and reports has failed');
    rounds.push(JSON.parse(line.value) as Round);
  }
  const ended = once(background, 'exit');
  background.stdin.end();
  await ended;
  tellRounds(measured, rounds, { older, stored: stored!.count, wall: busy.get('saves')!.wall });
  for (const name of works.keys()) {
    const [before, during] = [quiet.get(name)!, busy.get(name)!];
    const [rate, kept] = [before.done / before.wall, during.done / during.wall];
    figure(`${name}_rate`, rate, '1/s', false);
    figure(`${name}_rate_busy`, kept, '1/s', false);
    figure(`${name}_lost`, Math.max(0, 100 * (1 - kept / rate)), '%', false);
    figure(`${name}_p50`, quantile(before.times, 0.5), 'ms');
    figure(`${name}_p50_busy`, quantile(during.times, 0.5), 'ms');
    figure(`${name}_p99_busy`, quantile(during.times, 0.99), 'ms', false);
  }
}

type Works = ReadonlyMap<string, () => Promise<void>>;

async function worksOf({ db, indexer, manifests }: Measured): Promise<Works> {
  let made = FIRST_NEW + manifests;
  let asked = 0;
  const known = await db.query<{ digest: Digest }>({
    text: 'select digest from manifest order by id desc limit 1000',
  });
  return new Map([
    ['saves', () => saveMade(db, made++)],
    [
      'reports',
      async () => {
        await indexer.newerReport(known[asked++ % known.length]!.digest, undefined);
      },
    ],
  ]);
}

/** Throws unless the work beside was done: what is not done takes nothing from anybody. */
function tellRounds(
  { figure }: Measured,
  rounds: readonly Round[],
  { older, stored, wall }: { readonly older: number; readonly stored: number; readonly wall: number },
): void {
  const sum = (name: keyof Round): number => rounds.reduce((all, round) => all + round[name], 0);
  const [deleted, swept, filled, notifications] = [
    sum('deleted'),
    sum('swept'),
    sum('filled'),
    sum('notifications'),
  ];
  // Those that are deleted need no lookups and no notifications.
  if (filled < older - deleted || notifications < ROUNDS * (stored - deleted) || swept === 0)
    throw new Error(`the work beside saves and reports is not complete: ${JSON.stringify(rounds)}`);
  figure('beside_wall', wall / ROUNDS, 's', false);
  figure('beside_deleted', deleted / ROUNDS, 'manifests', false);
  figure('beside_refilled', filled / ROUNDS, 'manifests', false);
  figure('beside_notifications', notifications / ROUNDS, 'notifications', false);
}

/** One after the other, one each `pace` ms if that is possible, until `end`. */
async function drive(work: () => Promise<void>, pace: number, end: AbortSignal): Promise<Seen> {
  const seen = nothing();
  const start = performance.now();
  for (let due = start; !end.aborted; due += pace) {
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

function seenOf(works: Works): ReadonlyMap<string, Seen> {
  return new Map([...works.keys()].map((name) => [name, nothing()]));
}

function nothing(): Seen {
  return { done: 0, wall: 0, times: [] };
}

function add(to: Seen, { done, wall, times }: Seen): void {
  to.done += done;
  to.wall += wall;
  for (const time of times) to.times.push(time);
}

/** ms for each. */
function ms({ times }: Seen): number {
  return quantile(times, 0.5);
}
