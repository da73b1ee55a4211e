/** Indexer, matcher and notifier in three processes: the console of the matcher shows the deliveries of the notifier, and repeats them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import type { ConsoleDeliveries } from '../../src/model/api/console/types.ts';
import { freePort } from '../conformance/service.ts';
import { type Running, start } from './run-program.ts';
import { startWorld, type World, worldConfig } from './world.ts';

const KEY = Buffer.from('a key that all of them share');
const MODES = ['indexer', 'matcher', 'notifier'] as const;
type Mode = (typeof MODES)[number];

interface Delivery {
  readonly id: string;
  readonly notification_id: string;
  readonly state: string;
  readonly last_error: string | null;
}

type Listed = Omit<ConsoleDeliveries, 'deliveries'> & { readonly deliveries: readonly Delivery[] };

describe('a notifier in a process of its own', { timeout: 300_000 }, () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-notifier-apart-'));
  const ports = {} as Record<Mode, number>;
  const processes = {} as Record<Mode, Running>;
  const received: string[] = [];
  let status = 500;
  let world: World;
  let dsn = '';

  async function launch(mode: Mode): Promise<void> {
    const url = (service: Mode): string => `http://127.0.0.1:${ports[service]}`;
    const file = join(folder, `${mode}.yaml`);
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${ports[mode]}`,
      introspection_addr: `127.0.0.1:${await freePort()}`,
      auth: { psk: { key: KEY.toString('base64'), iss: ['test'] } },
      indexer: { connstring: dsn, migrations: true },
      matcher: {
        ...{ connstring: dsn, migrations: true, disable_enrichment: true, console: true },
        ...{ indexer_addr: url('indexer'), notifier_addr: url('notifier') },
      },
      notifier: {
        ...{ connstring: dsn, migrations: true, indexer_addr: url('indexer'), matcher_addr: url('matcher') },
        delivery_attempts: 1,
        webhook: { target: hook(), callback: `${url('notifier')}/notifier/api/v1/notification/` },
      },
    });
    writeFileSync(file, config);
    // The poll of each start makes a notification of nothing: what is in it is not the question here.
    const env = mode === 'notifier' ? { NOTIFIER_TEST_MODE: '1' } : {};
    processes[mode] = open.use(start('clair', ['-conf', file, '-mode', mode], env));
    await processes[mode].waitFor(/"ready"/);
  }

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    if (status === 200) received.push(JSON.parse(text).notification_id);
    response.writeHead(status).end();
  });
  const hook = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  async function ask(path: string, method = 'GET'): Promise<Response> {
    return await fetch(`http://127.0.0.1:${ports.matcher}/matcher/api/v1/console/notifications${path}`, {
      method,
      headers: { authorization: await mintBearer(KEY, 'test', new Date()), 'clair-console': '1' },
    });
  }
  async function listed(query: string): Promise<Listed> {
    const answer = await ask(query);
    const text = await answer.text();
    assert.equal(answer.status, 200, `${text}\n${processes.matcher.stderr().slice(-2000)}`);
    return JSON.parse(text) as Listed;
  }
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      if (await isSo()) return;
      await sleep(100);
    }
    assert.fail(`${what} did not happen:\n${processes.notifier.stderr().slice(-4000)}`);
  }

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    world = open.use(await startWorld());
    ({ dsn } = open.use(await testDatabase()));
    for (const mode of MODES) ports[mode] = await freePort();
    for (const mode of MODES) await launch(mode);
  });
  after(() => open.disposeAsync());

  it('shows dead letters page by page, and sends one again', async () => {
    const dead = (count: number) => async (): Promise<boolean> =>
      (await listed('?state=dead')).deliveries.length === count;
    await until('a dead letter', dead(1));
    await processes.notifier[Symbol.asyncDispose]();
    await launch('notifier');
    await until('another one', dead(2));
    const first = await listed('?state=dead&limit=1');
    assert.equal(first.enabled, true);
    assert.equal((first.transports[0] as { transport: string }).transport, 'webhook');
    assert.match(first.deliveries[0]!.last_error ?? '', /500/);
    const second = await listed(`?state=dead&limit=1&after=${first.next}`);
    assert.ok(Number(second.deliveries[0]!.id) < Number(first.deliveries[0]!.id));

    status = 200;
    const { id, notification_id: notification } = first.deliveries[0]!;
    assert.equal((await ask(`/${id}/redeliver`, 'POST')).status, 202);
    await until('the delivery', async () => received.includes(notification));
    await until('that it is told', async () =>
      (await listed('?state=delivered&limit=200')).deliveries.some((each) => each.id === id),
    );
    assert.equal((await ask('/999999999/redeliver', 'POST')).status, 404);
  });

  it('says so if the notifier does not answer', async () => {
    await processes.notifier[Symbol.asyncDispose]();
    const answer = await ask('');
    assert.ok(answer.status >= 500, String(answer.status));
    const { message } = (await answer.json()) as { message: string };
    assert.match(message, /another Clair component is unreachable/);
    assert.match(processes.matcher.stderr(), /the notifier at http:\/\/127\.0\.0\.1:\d+ does not answer/);
  });
});
