/** Delivery to a real RabbitMQ, by AMQP and by STOMP. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../../src/lib/secret.ts';
import { exchangeOf } from '../../src/transports/amqp/exchange.fixture.ts';
import { PermanentError, type Transport } from '../../src/transports/contract.ts';
import type { Notification } from '../../src/transports/notification.ts';
import { createTransports } from '../../src/transports/open-transports.ts';
import { openMailbox } from './mailbox.ts';
import { startProxy } from './proxy.ts';
import { type Broker, rabbitmqServer, startBroker } from './rabbitmq.ts';

const isMissing = rabbitmqServer() === undefined;
const CALLBACK = 'http://clair.example/notifier/api/v1/notification/';
const ID = '5e4b387e-88d3-4364-86fd-063447a6fad2';

interface Choice {
  /** Name of the queue. */
  readonly to: string;
  readonly direct?: boolean;
  readonly rollup?: number;
  /** host:port of brokers. */
  readonly at?: readonly string[];
  readonly passcode?: string;
  readonly isTls?: boolean;
  readonly tls?: object;
}

function notifications(count: number): Notification[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    manifest: `sha256:${'0'.repeat(64)}`,
    reason: 'added',
    vulnerability: {
      name: 'CVE-2099-0001',
      description: 'Tea leaks: größer \u0000 than it looks',
      severity: 'High',
      normalized_severity: 'High',
      fixed_in_version: '1.1-r0',
      links: '',
    },
  }));
}

describe('delivery to RabbitMQ', { skip: isMissing && 'rabbitmq-server is not installed' }, () => {
  let broker: Broker;
  before(async () => void (broker = await startBroker()));
  after(async () => await broker?.[Symbol.asyncDispose]());

  async function amqp(choice: Choice & { exchange?: string }): Promise<Transport> {
    const { login, passcode } = { ...broker.user, ...choice };
    const user = `${login}:${encodeURIComponent(passcode)}`;
    const protocol = choice.isTls ? 'amqps' : 'amqp';
    const at = choice.at ?? [choice.isTls ? broker.amqps : broker.amqp];
    const [transport] = await createTransports({
      amqp: {
        uris: at.map((address) => new Secret(`${protocol}://${user}@${address}/`)),
        routing_key: choice.to,
        exchange: exchangeOf(choice.exchange ?? ''),
        callback: CALLBACK,
        direct: choice.direct ?? false,
        rollup: choice.rollup ?? 0,
        tls: choice.tls,
      },
    });
    return transport!;
  }

  async function stomp(choice: Choice): Promise<Transport> {
    const [transport] = await createTransports({
      stomp: {
        uris: [...(choice.at ?? [choice.isTls ? broker.stomps : broker.stomp])],
        destination: choice.to.startsWith('/') ? choice.to : `/queue/${choice.to}`,
        callback: CALLBACK,
        direct: choice.direct ?? false,
        rollup: choice.rollup ?? 0,
        user: {
          login: broker.user.login,
          passcode: new Secret(choice.passcode ?? broker.user.passcode),
        },
        tls: choice.tls,
      },
    });
    return transport!;
  }

  async function deliver(transport: Transport, items?: readonly Notification[], ms = 30_000): Promise<void> {
    const set = { notificationId: ID, callback: CALLBACK + ID };
    const delivery = items === undefined ? set : { ...set, notifications: items };
    await transport.deliver(delivery, AbortSignal.timeout(ms));
  }

  for (const [name, open, port] of [
    ['AMQP', amqp, 'amqp'],
    ['STOMP', stomp, 'stomp'],
  ] as const) {
    describe(name, () => {
      it('sends a callback that survives the broker', async () => {
        const to = `${port}-callback`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to });
        await deliver(transport);
        const message = (await box.take())!;
        const { contentType, deliveryMode, appId, messageId } = message.properties;
        assert.equal(
          message.content.toString(),
          JSON.stringify({ callback: CALLBACK + ID, notification_id: ID }),
        );
        assert.equal(contentType, 'application/json');
        assert.equal(deliveryMode, 2);
        if (port === 'amqp') assert.deepEqual([appId, messageId], ['clairV4-notifier', ID]);
        assert.equal(await box.take(), undefined);
      });

      for (const [rollup, sizes] of [
        [0, [1, 1, 1, 1, 1]],
        [1, [1, 1, 1, 1, 1]],
        [2, [2, 2, 1]],
        [10, [5]],
      ] as const) {
        it(`sends 5 notifications themselves with rollup ${rollup}`, async () => {
          const to = `${port}-direct-${rollup}`;
          await using box = await openMailbox(broker, to);
          await using transport = await open({ to, direct: true, rollup });
          await deliver(transport, notifications(5));
          const got = (await box.all()) as Notification[][];
          assert.deepEqual(
            got.map(({ length }) => length),
            sizes,
          );
          assert.deepEqual(got.flat(), notifications(5));
        });
      }

      it('sends thousands over one connection', async () => {
        await using proxy = await startProxy(broker[port]);
        const to = `${port}-many`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, direct: true, rollup: 3, at: [proxy.address] });
        await deliver(transport, notifications(2000));
        await deliver(transport, notifications(1000));
        assert.deepEqual((await box.all()).flat(), [...notifications(2000), ...notifications(1000)]);
        // RabbitMQ has no virtual host of the name that Clair asks for by STOMP: we ask again.
        assert.equal(proxy.count(), port === 'amqp' ? 1 : 2);
      });

      it('takes the first broker that can be used', async () => {
        const to = `${port}-second`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, at: ['127.0.0.1:1', broker[port]] });
        await deliver(transport);
        assert.equal((await box.all()).length, 1);
      });

      it('says who refused what, without the password', async () => {
        await using transport = await open({ to: 'x', at: ['127.0.0.1:1', broker[port]], passcode: 'wr0ng' });
        await assert.rejects(deliver(transport), (error: Error) => {
          assert.match(error.message, /127\.0\.0\.1:1: .*connection refused/);
          assert.match(error.message, /refused/i);
          assert.doesNotMatch(error.message, /wr0ng/);
          return true;
        });
      });

      it('speaks TLS, and shows who it is', async () => {
        const to = `${port}-tls`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, isTls: true, tls: broker.tls });
        await deliver(transport);
        assert.equal((await box.all()).length, 1);
      });

      it('trusts nobody whom it is not told to trust', async () => {
        const { cert, key } = broker.tls;
        await using stranger = await open({ to: 'x', isTls: true, tls: { cert, key } });
        await assert.rejects(deliver(stranger), /self-signed|unable to verify/);
        await using nobody = await open({ to: 'x', isTls: true, tls: { root_ca: broker.tls.root_ca } });
        await assert.rejects(deliver(nobody), /no broker can be used/);
        await using lost = await open({ to: 'x', isTls: true, tls: { root_ca: '/nowhere.pem' } });
        await assert.rejects(deliver(lost), /a file of its tls settings cannot be read.*nowhere\.pem/);
      });

      it('gives up a message that is too large for good, and goes on with the next', async () => {
        const to = `${port}-large`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, direct: true, rollup: 10_000 });
        await assert.rejects(deliver(transport, notifications(5000)), PermanentError);
        await deliver(transport, notifications(1));
        assert.deepEqual((await box.all()).flat(), notifications(1));
      });

      it('comes back after its connection was cut between two deliveries', async () => {
        await using proxy = await startProxy(broker[port]);
        const to = `${port}-cut`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, at: [proxy.address] });
        await deliver(transport);
        proxy.cutAt = () => true;
        await assert.rejects(deliver(transport));
        proxy.cutAt = () => false;
        await deliver(transport);
        assert.equal((await box.all()).length, 2);
      });

      it('has failed when the connection is cut in mid-batch, and loses nothing', async () => {
        await using proxy = await startProxy(broker[port]);
        const to = `${port}-mid`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, direct: true, at: [proxy.address] });
        let bytes = 0;
        proxy.cutAt = (piece) => (bytes += piece.length) > 200_000;
        await assert.rejects(deliver(transport, notifications(2000)), (error: Error) => {
          assert.ok(!(error instanceof PermanentError), error.message);
          return true;
        });
        await sleep(200);
        const before = (await box.all()).flat() as Notification[];
        // A transaction leaves nothing; without one, each was there once.
        if (port === 'stomp') assert.equal(before.length, 0);
        assert.deepEqual(before, notifications(before.length));
        proxy.cutAt = () => false;
        await deliver(transport, notifications(2000));
        assert.deepEqual((await box.all()).flat(), notifications(2000));
      });

      it('ends when it is told to, whatever the broker does', async () => {
        await using proxy = await startProxy(broker[port]);
        const to = `${port}-frozen`;
        await using _box = await openMailbox(broker, to);
        await using transport = await open({ to, at: [proxy.address], direct: true });
        await deliver(transport, notifications(1));
        proxy.freeze();
        // What the broker does not say in time is another error, and says so.
        await assert.rejects(deliver(transport, notifications(1), 300), { name: 'TimeoutError' });
      });

      it('fails when the notifications cannot be read', async () => {
        const to = `${port}-unread`;
        await using box = await openMailbox(broker, to);
        await using transport = await open({ to, direct: true });
        async function* broken(): AsyncGenerator<Notification> {
          yield* notifications(1);
          throw new Error('the database is gone');
        }
        const delivery = { notificationId: ID, callback: '', notifications: broken() };
        await assert.rejects(transport.deliver(delivery, AbortSignal.timeout(5000)), /the database is gone/);
        if (port === 'stomp') assert.deepEqual(await box.all(), []);
        await deliver(transport, notifications(1));
      });
    });
  }

  it('names the exchange that is not there', async () => {
    await using transport = await amqp({ to: 'x', exchange: 'nowhere' });
    await assert.rejects(deliver(transport), /exchange "nowhere", routing key "x".*NOT_FOUND/);
  });

  it('has not delivered what no queue gets', async () => {
    await using transport = await amqp({ to: 'nobody', exchange: 'amq.direct' });
    await assert.rejects(deliver(transport), /no queue gets the messages of exchange "amq.direct".*NO_ROUTE/);
  });

  it('names the destination that the broker does not have', async () => {
    await using transport = await stomp({ to: '/exchange/nowhere' });
    await assert.rejects(deliver(transport), /destination "\/exchange\/nowhere".*NOT_FOUND/);
  });

  it('delivers by one transport while the broker of the other is away', async () => {
    await using box = await openMailbox(broker, 'alone');
    const away = await amqp({ to: 'alone', at: ['127.0.0.1:1'] });
    await using disposed = away;
    await using there = await stomp({ to: 'alone' });
    const [lost, arrived] = await Promise.allSettled([deliver(disposed), deliver(there)]);
    assert.deepEqual([lost.status, arrived.status], ['rejected', 'fulfilled']);
    assert.equal((await box.all()).length, 1);
  });

  it('loses nothing when the broker is killed in mid-batch and started again', async () => {
    const done = 3;
    await using byAmqp = await amqp({ to: 'killed-amqp', direct: true });
    await using byStomp = await stomp({ to: 'killed-stomp', direct: true });
    for (const to of ['killed-amqp', 'killed-stomp'])
      await (await openMailbox(broker, to))[Symbol.asyncDispose]();
    for (const transport of [byAmqp, byStomp]) await deliver(transport, notifications(done));
    /** More than can be sent before the broker is gone, but no flood: the broker would keep gigabytes of it. */
    async function* endless(): AsyncGenerator<Notification> {
      for (; ; await sleep(1)) yield* notifications(10);
    }
    const attempts = [byAmqp, byStomp].map((transport) =>
      transport.deliver(
        { notificationId: ID, callback: '', notifications: endless() },
        AbortSignal.timeout(60_000),
      ),
    );
    const settled = Promise.allSettled(attempts);
    await sleep(300);
    await broker.kill();
    for (const result of await settled) {
      assert.equal(result.status, 'rejected');
      assert.ok(!(result.reason instanceof PermanentError), String(result.reason));
      assert.notEqual(result.reason.name, 'TimeoutError');
    }
    await broker.restart();
    for (const transport of [byAmqp, byStomp]) await deliver(transport, notifications(done));
    for (const to of ['killed-amqp', 'killed-stomp']) {
      await using box = await openMailbox(broker, to);
      const got = (await box.all()).flat();
      assert.deepEqual(got.slice(0, done), notifications(done), `${to}: confirmed before the kill`);
      assert.deepEqual(got.slice(-done), notifications(done), `${to}: confirmed after it`);
      // The transaction was never committed.
      if (to === 'killed-stomp') assert.equal(got.length, 2 * done);
    }
  });
});
