/** Two replicas of the notifier, of which one is killed again and again in mid-delivery. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  notifierDatabase,
  notifierOf,
  recorder,
  run,
  type World,
} from '../../src/notifier/notifier.fixture.ts';
import { ROOT } from '../imports.ts';

const SETS = 12;
/** ms; of a service it is 30 s. */
const LEASE = 1500;
const LIMIT = 30_000;
const all = { state: undefined, target: undefined, next: undefined, size: 100 };

/** When the replica dies that delivers the set of this place. */
const KILLS: Readonly<Record<number, 'unanswered' | 'half-answered' | 'answered'>> = {
  2: 'unanswered',
  5: 'half-answered',
  8: 'answered',
};

describe('a notifier of two, killed', () => {
  it('loses nothing, and what it was at arrives twice at most', { timeout: 2 * LIMIT }, async () => {
    const { signal } = new AbortController();
    await using db = await notifierDatabase();
    const world: World = { affected: { A: ['m'] }, states: { u: [{ run: run(1, 0), names: {} }] } };
    const notifier = notifierOf(db, world, { transports: [recorder()] });
    await notifier.poll(signal);
    for (let n = 1; n <= SETS; n++)
      world.states.u!.push({ run: run(1, n), names: n % 2 === 1 ? { A: 'Low' } : {} });
    assert.equal(await notifier.poll(signal), SETS);
    const ids = (await notifier.deliveries(all)).map(({ notification_id }) => notification_id).reverse();

    await using replicas = startReplicas(db.dsn);
    const arrived: { readonly id: string; readonly replica: string }[] = [];
    const killed: string[] = [];
    const dead: string[] = [];
    const hook = createServer((request, response) => {
      void take(request).then(async (id) => {
        const replica = String(request.headers['x-replica']);
        arrived.push({ id, replica });
        for (const name of dead.splice(0)) replicas.start(name); // the other one has taken over
        const how = KILLS[ids.indexOf(id)];
        const isFirst = arrived.filter((one) => one.id === id).length === 1;
        if (how === undefined || !isFirst) return void response.end();
        answer(response, how);
        await replicas.kill(replica);
        killed.push(replica);
        dead.push(replica);
        response.destroy();
      });
    });
    hook.listen(0, '127.0.0.1');
    await once(hook, 'listening');
    await using _hook = {
      async [Symbol.asyncDispose]() {
        hook.closeAllConnections();
        await new Promise((done) => hook.close(done));
      },
    };
    replicas.target = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    for (const name of ['first', 'second']) replicas.start(name);

    const left = async (): Promise<number> =>
      (await notifier.deliveries(all)).filter(({ state }) => state !== 'delivered').length;
    for (const deadline = Date.now() + LIMIT; (await left()) > 0; await sleep(50)) {
      if (Date.now() > deadline)
        throw new Error(`${await left()} are not delivered:\n${JSON.stringify(arrived)}\n${replicas.said()}`);
    }
    await sleep(LEASE / 2); // whoever delivers twice does it now

    const got = arrived.map(({ id }) => id);
    assert.deepEqual([...new Set(got)], ids, 'all of them, in order');
    assert.equal(killed.length, Object.keys(KILLS).length);
    assert.ok(got.length - ids.length <= killed.length, `${got.length - ids.length} duplicates`);
    for (const id of ids) {
      const [first, second, ...more] = arrived.filter((one) => one.id === id);
      assert.deepEqual(more, [], 'twice at most');
      assert.notEqual(first?.replica, second?.replica, 'the other one took over');
    }
  });
});

async function take(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += piece;
  return (JSON.parse(text) as { readonly notification_id: string }).notification_id;
}

function answer(response: ServerResponse, how: (typeof KILLS)[number]): void {
  if (how === 'unanswered') return;
  if (how === 'answered') response.end();
  else response.writeHead(200, { 'content-length': '10' }).write('half');
}

interface Replicas extends AsyncDisposable {
  target: string;
  start(name: string): void;
  /** SIGKILL; returns when it is gone. */
  kill(name: string): Promise<void>;
  said(): string;
}

function startReplicas(dsn: string): Replicas {
  const running = new Map<string, ChildProcess>();
  let said = '';
  let isOver = false;
  const replicas: Replicas = {
    target: '',
    start(name) {
      if (isOver) return;
      const script = join(ROOT, 'test', 'e2e', 'notifier-replica.ts');
      const child = spawn(process.execPath, [script, dsn, replicas.target, name, String(LEASE)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
      running.set(name, child);
    },
    async kill(name) {
      const child = running.get(name);
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    said: () => said,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.all([...running.keys()].map(replicas.kill));
    },
  };
  return replicas;
}
