/**
 * npm run chaos -- [--minutes N] [--seed N]: two replicas of each service behind a load balancer, a mixed load and feeds that
 * change, while processes, connections, the database, its disk and the network are disturbed at random. Then the invariants of
 * `invariants.ts`. Ends with 1 if one of them does not hold. Seeds choose the same troubles again, not the same moments.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../src/db/database.ts';
import { startProxy } from '../../src/db/stalling-proxy.fixture.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import { canBalance, deploy, until } from '../e2e/deployment.ts';
import { startPostgres } from '../e2e/postgres.ts';
import { startWorld } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';
import { hanging, notificationsWrong, promisesBroken, readNotifications, settles } from './invariants.ts';
import { runLoad } from './load.ts';
import { mountDisk } from './small-disk.ts';
import { type Surroundings, TROUBLES } from './troubles.ts';
import { serveNews } from './upstream.ts';

const { minutes, seed } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
}).values;
const KEY = Buffer.from('a key that all of them share');
const NOTIFIED_MS = 240_000;
const DISK_MIB = 600;

if (!canBalance) {
  console.log('chaos: skipped: it needs Linux and haproxy');
  process.exit(0);
}
process.exitCode = (await chaos(Number(minutes) * 60_000, Number(seed))) ? 0 : 1;

async function chaos(ms: number, seed: number): Promise<boolean> {
  await using open = new AsyncDisposableStack();
  const told = new Set<string>();
  const hook = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    told.add(JSON.parse(text).notification_id);
    response.end();
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  open.defer(() => void hook.close());

  const world = open.use(await startWorld());
  const upstream = serveNews(world);
  const disk = mountDisk(DISK_MIB);
  if (disk !== undefined) open.use(disk);
  else console.log('chaos: no disk could be mounted: none will be full');
  const postgres = open.use(await startPostgres(disk?.path));
  const server = new URL(postgres.dsn('postgres'));
  const proxy = open.use(await startProxy({ host: server.hostname, port: Number(server.port) }));
  {
    await using db = await connect(postgres.dsn('postgres'), { applicationName: 'chaos', max: 1 });
    for (const name of ['indexer', 'matcher', 'notifier'])
      await db.query({ text: `create database ${name}` });
  }
  const clair = open.use(
    await deploy({
      world,
      dsn: (name) => postgres.dsn(name).replace(`:${server.port}/`, `:${proxy.port}/`),
      auth: { psk: { key: KEY.toString('base64'), iss: ['chaos'] } },
      replicas: 2,
      webhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
      interval: '1m',
      limit: ms + 30 * 60_000,
    }),
  );
  const call = async (path: string, init: RequestInit = {}, address = clair.address): Promise<Response> => {
    const authorization = await mintBearer(KEY, 'chaos', new Date());
    return await fetch(address + path, { ...init, headers: { authorization, ...init.headers } });
  };
  const update = async (): Promise<void> => {
    for (const { mode, address } of clair.replicas) {
      const init = { method: 'POST', signal: AbortSignal.timeout(20_000) };
      if (mode === 'matcher')
        await call('/matcher/api/v1/internal/feeds/update', init, address).catch(() => {});
    }
  };
  const logs = () => clair.replicas.map(({ name, log }) => `${name}: ${log().slice(-1500)}`).join('\n');
  await until(
    'the feeds are loaded',
    () => clair.replicas.some(({ log }) => /"feed updated"/.test(log())),
    logs,
  );
  await Promise.all(clair.replicas.map((replica) => replica.restart()));
  await until(
    'the notifiers know where counting begins',
    async () => {
      await using db = await connect(postgres.dsn('notifier'), { applicationName: 'chaos', max: 1 });
      return (await db.query({ text: 'select from notifier_updater' })).length > 0;
    },
    logs,
  );

  const random = randomOf(seed);
  const around: Surroundings = { clair, postgres, proxy, upstream, disk, random, update };
  const end = Date.now() + ms;
  let isOver = false;
  const loading = runLoad(
    world,
    call,
    () => upstream.version,
    () => isOver,
  );
  const counts = await disturb(around, end);
  await Promise.all(clair.replicas.map((replica) => replica.restart()));
  await sleep(5000);
  isOver = true;
  const ledger = await loading;

  const complaints: Record<string, readonly string[]> = { 'wrong answers': ledger.wrong };
  complaints['not ready'] = await settles(async () =>
    (
      await Promise.all(clair.replicas.map(async (each) => ((await each.isReady()) ? [] : [each.name])))
    ).flat(),
  );
  complaints['jobs, transactions, locks'] = await settles(() => hanging(postgres));
  // News in peace: each manifest must hear of them, also those that were accepted for later.
  const promised = ledger.promised.map((each) => ({
    ...each,
    version: Math.min(each.version, upstream.version),
  }));
  upstream.version++;
  let lines: string[] = [];
  let lost: readonly string[] = ['not asked yet'];
  for (
    const deadline = Date.now() + NOTIFIED_MS;
    lost.length > 0 && Date.now() < deadline;
    await sleep(10_000)
  ) {
    await update();
    lines = await readNotifications(told, call);
    lost = notificationsWrong(promised, lines, upstream.version);
  }
  complaints.notifications = lost;
  complaints.promises = await promisesBroken(clair, ledger.promised, (path, address) =>
    call(path, {}, address),
  );
  complaints['jobs, transactions, locks at the end'] = await settles(() => hanging(postgres));
  complaints.processes = clair.replicas.flatMap(({ name, ends, log }) => [
    ...ends.filter((code) => code !== 1).map((code) => `${name} ended by itself with ${code}`),
    ...(/uncaught|unhandled/i.test(log()) ? [`${name} has met an error that nobody caught`] : []),
  ]);

  const answers = [...ledger.answers]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'none'}: ${count}`);
  console.log(`\nseed ${seed}, ${minutes} minutes`);
  console.log(
    'troubles:',
    Object.entries(counts)
      .map(([name, count]) => `${name}: ${count}`)
      .join('; '),
  );
  console.log(`answers: ${answers.join(', ')}; slowest ${(ledger.slowest / 1000).toFixed(1)} s`);
  console.log(
    `${ledger.promised.length} manifests, ${upstream.version} versions of the feed, ${told.size} notifications of ${lines.length} lines`,
  );
  console.log(
    `restarts by the supervisor: ${clair.replicas.reduce((sum, { ends }) => sum + ends.length, 0)}`,
  );
  for (const [text, count] of ledger.failures) console.log(`500, ${count} times: ${text.slice(0, 300)}`);
  let holds = true;
  for (const [what, all] of Object.entries(complaints)) {
    console.log(`${all.length === 0 ? 'holds' : 'BROKEN'}: ${what}`);
    for (const each of all.slice(0, 10)) console.log(`  ${each}`);
    if (all.length > 10) console.log(`  and ${all.length - 10} more`);
    holds &&= all.length === 0;
  }
  const folder = join(ROOT, 'build', 'chaos');
  mkdirSync(folder, { recursive: true });
  for (const { name, log } of clair.replicas) writeFileSync(join(folder, `${name}.log`), log());
  console.log('logs: build/chaos');
  return holds;
}

/** One trouble after the other until `end`; how often each came. */
async function disturb(around: Surroundings, end: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let names: string[] = [];
  while (Date.now() < end) {
    // All of them in a new order, again and again: a short run has each.
    if (names.length === 0)
      names = Object.keys(TROUBLES)
        .filter((name) => around.disk !== undefined || !name.includes('disk'))
        .map((name) => ({ name, at: around.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ name }) => name);
    const name = names.pop()!;
    counts[name] = (counts[name] ?? 0) + 1;
    console.log(new Date().toISOString().slice(11, 19), name);
    await TROUBLES[name]!(around);
    await sleep(1000 + around.random() * 4000);
  }
  return counts;
}

/** mulberry32: the same numbers for a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
