/** From an update of a feed to those who are to know: a service, a webhook, and a broker by AMQP and by STOMP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { mintBearer, NOTIFIER, verifyToken } from '../../src/http/auth/tokens.ts';
import type { Notification } from '../../src/transports/notification.ts';
import { openMailbox } from '../brokers/mailbox.ts';
import { type Broker, rabbitmqServer, startBroker } from '../brokers/rabbitmq.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { start } from './run-program.ts';
import { ALPINE, nextDay, startWorld, worldConfig } from './world.ts';

const isMissing = rabbitmqServer() === undefined;
const KEY = Buffer.from('a key of a test');
const NOTIFICATION = '/notifier/api/v1/notification/';

interface Callback {
  readonly callback: string;
  readonly notification_id: string;
}

interface Posted {
  readonly authorization: string;
  readonly body: Callback;
}

describe('notifications', { skip: isMissing && 'rabbitmq-server is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-transports-'));
  let broker: Broker;
  before(async () => void (broker = await startBroker()));
  after(async () => {
    await broker?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function waitFor<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (let i = 0; i < 600; i++) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(100);
    }
    throw new Error(`${what}: not within a minute`);
  }

  for (const [name, isDirectByAmqp] of [
    ['AMQP direct, STOMP with a callback', true],
    ['AMQP with a callback, STOMP direct', false],
  ] as const) {
    it(`reach a webhook and a broker: ${name}`, async () => {
      await using world = await startWorld();
      await using database = await testDatabase();
      const { dsn } = database;
      const posted: Posted[] = [];
      const hook = createServer(async (request, response) => {
        let text = '';
        for await (const piece of request) text += piece;
        posted.push({ authorization: request.headers.authorization ?? '', body: JSON.parse(text) });
        response.end();
      });
      hook.listen(0, '127.0.0.1');
      await once(hook, 'listening');
      await using _hook = { [Symbol.asyncDispose]: async () => void hook.close() };
      const [byAmqp, byStomp] = [`amqp-${isDirectByAmqp}`, `stomp-${isDirectByAmqp}`];
      await using amqpBox = await openMailbox(broker, byAmqp);
      await using stompBox = await openMailbox(broker, byStomp);

      const port = await freePort();
      const address = `http://127.0.0.1:${port}`;
      const callback = address + NOTIFICATION;
      const { login, passcode } = broker.user;
      const connection = { connstring: dsn, migrations: true };
      const file = join(folder, `${byAmqp}.yaml`);
      const config = worldConfig(world, {
        http_listen_addr: `127.0.0.1:${port}`,
        introspection_addr: `127.0.0.1:${await freePort()}`,
        indexer: connection,
        matcher: { ...connection, disable_enrichment: true },
        notifier: {
          ...connection,
          webhook: { target: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, callback },
          amqp: {
            uris: [`amqp://${login}:${encodeURIComponent(passcode)}@${broker.amqp}/`],
            exchange: { name: '', type: 'direct' },
            routing_key: byAmqp,
            callback,
            direct: isDirectByAmqp,
          },
          stomp: {
            uris: [broker.stomp],
            destination: `/queue/${byStomp}`,
            user: broker.user,
            callback,
            direct: !isDirectByAmqp,
          },
        },
        auth: { psk: { key: KEY.toString('base64'), iss: ['quay'] } },
      });
      writeFileSync(file, config);
      await using service = start('clair', ['-conf', file, '-mode', 'combo']);
      await service.waitFor(/feeds updated/);
      await service.waitFor(/first poll/);

      const ask = async (method: string, url: string, body?: object): Promise<Response> =>
        await fetch(url, {
          method,
          headers: { authorization: await mintBearer(KEY, 'quay', new Date()) },
          ...(body && { body: JSON.stringify(body) }),
        });
      const blob = gzipSync(makeTar(ALPINE));
      const layer = digestOf(blob);
      world.blobs.set(layer, blob);
      const manifest = digestOf(`manifest of ${layer}`);
      const layers = [{ hash: layer, uri: `${world.address}/blobs/${layer}` }];
      const indexed = await ask('POST', `${address}/indexer/api/v1/index_report`, { hash: manifest, layers });
      assert.equal(indexed.status, 201);

      nextDay(world);
      assert.equal((await ask('POST', `${address}/matcher/api/v1/internal/feeds/update`)).status, 202);

      await service.waitFor(/"added":1,"removed":2/);
      // It looks for news when it starts.
      await service[Symbol.asyncDispose]();
      await using _again = start('clair', ['-conf', file, '-mode', 'combo']);

      const webhook = await waitFor('the webhook', () => posted[0]);
      const inAmqp = await waitFor('the message by AMQP', () => amqpBox.take());
      const inStomp = await waitFor('the message by STOMP', () => stompBox.take());

      // All of them are told of the same.
      const told = {
        callback: callback + webhook.body.notification_id,
        notification_id: webhook.body.notification_id,
      };
      assert.deepEqual(webhook.body, told);
      const [called, direct] = isDirectByAmqp ? [inStomp, inAmqp] : [inAmqp, inStomp];
      assert.deepEqual(JSON.parse(called.content.toString()), told);
      await verifyToken(webhook.authorization.slice('Bearer '.length), KEY, {
        issuers: [NOTIFIER],
        now: new Date(),
      });

      const page = (await (await ask('GET', told.callback)).json()) as { notifications: Notification[] };
      const box = isDirectByAmqp ? amqpBox : stompBox;
      const items = [direct, ...(await takeAll(box.take))].flatMap(
        ({ content }) => JSON.parse(content.toString()) as Notification[],
      );
      assert.deepEqual(items, page.notifications);
      assert.deepEqual(items.map((item) => [item.manifest, item.reason, item.vulnerability.name]).sort(), [
        [manifest, 'added', 'CVE-2099-0007'],
        [manifest, 'removed', 'CVE-2099-0001'],
      ]);
      assert.equal((await ask('DELETE', told.callback)).status, 200);

      // Once each.
      await sleep(1500);
      assert.equal(posted.length, 1);
      assert.deepEqual([await amqpBox.take(), await stompBox.take()], [undefined, undefined]);
    });
  }
});

async function takeAll<T>(take: () => Promise<T | undefined>): Promise<T[]> {
  const taken: T[] = [];
  for (let one = await take(); one !== undefined; one = await take()) taken.push(one);
  return taken;
}
