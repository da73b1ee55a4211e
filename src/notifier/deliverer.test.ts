import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Database } from '../db/database.ts';
import { PermanentError, RetryAfterError, type Transport } from '../transports/contract.ts';
import { clear, notifierDatabase, notifierOf, recorder, run, type World } from './notifier.fixture.ts';
import type { Notifier } from './notifier.ts';
import { takeTarget } from './store/deliveries.ts';

const { signal } = new AbortController();
const stack = new AsyncDisposableStack();
let db: Database & { readonly dsn: string };
let clock = Date.UTC(2026, 5, 1);
const now = () => new Date(clock);
before(async () => {
  db = stack.use(await notifierDatabase());
});
after(() => stack.disposeAsync());
beforeEach(() => clear(db));

const HOUR = 3600_000;

/** A notifier with `sets` of two notifications each, stored and not delivered. */
async function withSets(sets: number, transports: Transport[], settings = {}): Promise<Notifier> {
  const w: World = { affected: { A: ['m', 'n'] }, states: { u: [{ run: run(1, 0), names: {} }] } };
  const notifier = notifierOf(db, w, { transports, now, settings });
  await notifier.poll(signal);
  for (let n = 1; n <= sets; n++) w.states.u!.push({ run: run(1, n), names: n % 2 ? { A: 'Low' } : {} });
  assert.equal(await notifier.poll(signal), sets);
  return notifier;
}

const all = { state: undefined, target: undefined, next: undefined, size: 100 };
const states = async (notifier: Notifier) =>
  (await notifier.deliveries(all))
    .map(({ transport, state, attempts }) => `${transport} ${state} ${attempts}`)
    .reverse();

describe('delivery', () => {
  it('brings each set once, in order, and says what there is to fetch', async () => {
    const target = recorder();
    const notifier = await withSets(3, [target]);
    assert.equal(await notifier.deliver('webhook', signal), undefined);
    assert.equal(await notifier.deliver('webhook', signal), undefined);
    const ids = (await notifier.deliveries(all)).map(({ notification_id }) => notification_id).reverse();
    assert.deepEqual(
      target.got.map(({ delivery }) => [delivery.notificationId, delivery.callback]),
      ids.map((id) => [id, `http://clair/notifier/api/v1/notification/${id}`]),
    );
    assert.deepEqual(target.got[0]?.notifications, []);
    assert.deepEqual(await states(notifier), Array(3).fill('webhook delivered 1'));
  });

  it('waits longer and longer, keeps the order, and is quick when the target is back', async () => {
    let isDown = true;
    const times: number[] = [];
    const target = recorder(() => {
      times.push(clock);
      if (isDown) throw new Error('answered 500');
    });
    const notifier = await withSets(3, [target]);
    const start = clock;
    for (let n = 0; n < 500 && clock < start + HOUR; n++) {
      const wait = await notifier.deliver('webhook', signal);
      assert.ok(wait! > 0 && wait! <= HOUR);
      clock += wait!;
    }
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    assert.ok(gaps.length >= 6 && gaps.length <= 12, String(gaps));
    for (const [n, gap] of gaps.entries()) assert.ok(gap >= 7500 * 2 ** n && gap <= 10_000 * 2 ** n);
    isDown = false;
    clock += HOUR;
    assert.equal(await notifier.deliver('webhook', signal), undefined);
    const ids = (await notifier.deliveries(all)).map(({ notification_id }) => notification_id).reverse();
    assert.deepEqual(
      target.got.map(({ delivery }) => delivery.notificationId),
      ids,
    );
  });

  it('ends as a dead letter after so many attempts, or at once; and can be driven again', async () => {
    let fault: Error | undefined = new Error('answered 500 at http://user:secret@host/');
    const target = recorder(() => {
      if (fault) throw fault;
    });
    const notifier = await withSets(2, [target], { deliveryAttempts: 3 });
    for (let n = 0; n < 3; n++) clock += (await notifier.deliver('webhook', signal)) ?? 0;
    assert.deepEqual(await states(notifier), ['webhook dead 3', 'webhook waiting 1']);
    fault = new PermanentError('never');
    clock += HOUR;
    await notifier.deliver('webhook', signal);
    const [second, first] = await notifier.deliveries({ ...all, state: 'dead' });
    assert.equal(first?.last_error, 'answered 500 at http://[hidden]@host/');
    assert.equal(second?.last_error, 'never');
    assert.deepEqual(
      (await notifier.status()).map(({ dead, waiting }) => [dead, waiting]),
      [[2, 0]],
    );
    fault = undefined;
    assert.equal(await notifier.redeliver(first!.id), true);
    assert.equal(await notifier.redeliver(first!.id), false, 'it waits');
    assert.equal(await notifier.redeliver('999999'), false);
    await notifier.deliver('webhook', signal);
    assert.deepEqual(
      target.got.map(({ delivery }) => delivery.notificationId),
      [first!.notification_id],
    );
    assert.deepEqual(await states(notifier), ['webhook delivered 1', 'webhook dead 2']);
  });

  it('is not tried for ever when attempts end with their process', async () => {
    const target = recorder();
    const notifier = await withSets(1, [target], { deliveryAttempts: 3 });
    await db.query({ text: 'update notification_delivery set attempts = 3' });
    await notifier.deliver('webhook', signal);
    assert.deepEqual(await states(notifier), ['webhook dead 3']);
    assert.equal(target.got.length, 0);
  });

  it('heeds a target that asks to be left alone, within reason', async () => {
    const target = recorder(() => {
      throw new RetryAfterError('429', 2 * HOUR);
    });
    const notifier = await withSets(1, [target]);
    assert.equal(await notifier.deliver('webhook', signal), 2 * HOUR);
  });

  it('to one target does not wait for another', async () => {
    const hanging = recorder((_, stop) => sleep(60_000, undefined, { signal: stop }));
    const direct = recorder(undefined, { name: 'amqp', direct: true });
    const notifier = await withSets(2, [hanging, direct]);
    const stop = new AbortController();
    const stuck = notifier.deliver('webhook', stop.signal);
    await notifier.deliver('amqp', signal);
    assert.deepEqual(
      direct.got.map(({ notifications }) =>
        notifications.map(({ manifest, reason }) => `${manifest} ${reason}`).sort(),
      ),
      [
        ['m added', 'n added'],
        ['m removed', 'n removed'],
      ],
    );
    stop.abort(new Error('stopping'));
    await stuck;
    assert.deepEqual(
      (await states(notifier)).sort(),
      ['webhook waiting 0', 'amqp delivered 1', 'webhook waiting 0', 'amqp delivered 1'].sort(),
    );
  });

  it('of the notifications themselves leaves nothing to be fetched, and when that was', async () => {
    const direct = recorder(undefined, { name: 'stomp', direct: true });
    const notifier = await withSets(1, [direct, recorder()]);
    await db.query({ text: `delete from notification_delivery where target = 'webhook'` });
    await notifier.deliver('stomp', signal);
    assert.equal(direct.got[0]?.delivery.callback, '');
    assert.equal(await notifier.collectGarbage(signal), 1);
    assert.deepEqual(await states(notifier), []);
    const nothing = { waiting: 0, delivered: 0, dead: 0, oldest_waiting_seconds: 0, last_error: null };
    assert.deepEqual(await notifier.status(), [
      { transport: 'stomp', ...nothing, last_success: now().toISOString() },
      { transport: 'webhook', ...nothing, last_success: null },
    ]);
  });

  it('is shared by replicas: nothing goes out twice', async () => {
    await using other = await connect(db.dsn, { applicationName: 'other' });
    const target = recorder(() => sleep(3));
    const notifier = await withSets(20, [target]);
    const twin = notifierOf(other, { states: {}, affected: {} }, { transports: [target], now });
    for (let round = 0; round < 60 && target.got.length < 20; round++) {
      await Promise.all([notifier.deliver('webhook', signal), twin.deliver('webhook', signal)]);
    }
    const ids = target.got.map(({ delivery }) => delivery.notificationId);
    assert.equal(new Set(ids).size, 20);
    assert.equal(ids.length, 20);
  });

  it('of a replica that was killed is taken over when its lease is over: one goes out again', async () => {
    const target = recorder();
    const notifier = await withSets(2, [target]);
    assert.equal(await takeTarget(db, 'webhook', 'killed', 150), true);
    assert.equal(await notifier.deliver('webhook', signal), undefined);
    assert.equal(target.got.length, 0);
    await sleep(200);
    await notifier.deliver('webhook', signal);
    assert.equal(target.got.length, 2);
  });

  it('stops before another replica may have the target', async () => {
    let aborted = false;
    const target = recorder(async (_, stop) => {
      await db.query({
        text: `update notification_target set owner = 'thief', until = now() + interval '1 hour'`,
      });
      await sleep(5000, undefined, { signal: stop }).catch(() => {
        aborted = true;
      });
      throw new Error('lost');
    });
    const notifier = await withSets(1, [target], { lease: 100 });
    await notifier.deliver('webhook', signal);
    await sleep(10);
    assert.equal(aborted, true);
    assert.deepEqual(await states(notifier), ['webhook waiting 1']);
    const [row] = await db.query<{ owner: string }>({ text: 'select owner from notification_target' });
    assert.equal(row?.owner, 'thief');
  });

  it('that arrived does not go out again when the database could not be told', async () => {
    let isDown = false;
    const shaky: Database = {
      ...db,
      query: async (statement) => {
        if (isDown) throw new Error('gone');
        return await db.query(statement);
      },
    };
    const target = recorder(() => {
      isDown = true;
    });
    await withSets(1, [target]);
    const notifier = notifierOf(shaky, { states: {}, affected: {} }, { transports: [target], now });
    await assert.rejects(notifier.deliver('webhook', signal), /gone/);
    isDown = false;
    await notifier.deliver('webhook', signal);
    assert.equal(target.got.length, 1);
    assert.deepEqual(await states(notifier), ['webhook delivered 1']);
  });

  it('can be tried out', async () => {
    const good = recorder(undefined, { name: 'amqp', direct: true });
    const bad = recorder(() => {
      throw new Error('no such exchange');
    });
    const notifier = await withSets(0, [good, bad]);
    const results = await notifier.test(undefined, signal);
    assert.deepEqual(
      results.map(({ transport, delivered, error }) => [transport, delivered, error]),
      [
        ['amqp', true, undefined],
        ['webhook', false, 'no such exchange'],
      ],
    );
    assert.equal(good.got[0]?.notifications[0]?.vulnerability.name, 'test-vulnerability');
    const page = await notifier.page(results[1]!.notification_id, { next: undefined, size: 5 });
    assert.equal(page?.items.length, 1);
    await assert.rejects(notifier.test('stomp', signal), {
      code: 'bad-request',
      message: /there are amqp, webhook/,
    });
  });
});

describe('what is old', () => {
  it('is forgotten once it is dealt with, or nobody will', async () => {
    const target = recorder();
    const notifier = await withSets(3, [target]);
    const [first, second] = (await notifier.deliveries(all))
      .map(({ notification_id }) => notification_id)
      .reverse();
    assert.equal(await notifier.remove(first!), true);
    assert.equal(await notifier.collectGarbage(signal), 0, 'its target does not have it yet');
    await notifier.deliver('webhook', signal);
    assert.ok(await notifier.page(first!, { next: undefined, size: 1 }), 'readable until it is collected');
    assert.equal(await notifier.collectGarbage(signal), 1);
    assert.equal(await notifier.page(first!, { next: undefined, size: 1 }), undefined);
    assert.equal(await notifier.remove(first!), false);
    assert.ok(await notifier.page(second!, { next: undefined, size: 1 }));
    clock += 15 * 24 * HOUR;
    assert.equal(await notifier.collectGarbage(signal), 2);
    for (const table of [
      'notification',
      'notification_item',
      'notification_vulnerability',
      'notification_delivery',
    ]) {
      assert.deepEqual(await db.query({ text: `select from ${table}` }), [], table);
    }
    assert.equal(await notifier.poll(signal), 0, 'and is not told again');
  });

  it('does not go to a target again that was tried when somebody has deleted it', async () => {
    let fault = true;
    const target = recorder(() => {
      if (fault) throw new Error('500');
    });
    const notifier = await withSets(1, [target]);
    await notifier.deliver('webhook', signal);
    const [row] = await notifier.deliveries(all);
    await notifier.remove(row!.notification_id);
    fault = false;
    clock += HOUR;
    await notifier.deliver('webhook', signal);
    assert.equal(target.got.length, 0);
    assert.deepEqual(await states(notifier), ['webhook deleted 1']);
  });

  it('stays while it waits for a target that there is, not for one that was taken away', async () => {
    const target = recorder(() => {
      throw new Error('500');
    });
    const notifier = await withSets(1, [target]);
    clock += 15 * 24 * HOUR;
    assert.equal(await notifier.collectGarbage(signal), 0);
    const later = notifierOf(db, { states: {}, affected: {} }, { transports: [], now });
    assert.equal(await later.collectGarbage(signal), 1);
  });
});
