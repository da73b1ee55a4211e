import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { connect, type Database, type Session } from '../db/database.ts';
import type { Log } from '../lib/log.ts';
import { noLog } from '../lib/log.ts';
import {
  clear,
  notifierDatabase,
  notifierOf,
  recorder,
  run,
  type World,
  worldManifests,
  worldRuns,
} from './notifier.fixture.ts';
import { testManifests, testRuns } from './test-mode.ts';

const { signal } = new AbortController();
const stack = new AsyncDisposableStack();
let db: Database & { readonly dsn: string };
before(async () => {
  db = stack.use(await notifierDatabase());
});
after(() => stack.disposeAsync());
beforeEach(() => clear(db));

type Names = Readonly<Record<string, string>>;

/** A world with one updater, `u`, whose runs leave these vulnerabilities behind. */
function world(affected: World['affected'], ...states: Names[]): World {
  return { affected, states: { u: states.map((names, n) => ({ run: run(1, n), names })) } };
}

function push(world: World, names: Names, updater = 'u'): void {
  const states = (world.states[updater] ??= []);
  states.push({ run: run(updater === 'u' ? 1 : 2, states.length), names });
}

/** What is stored: `run manifest reason name`. */
async function stored(): Promise<string[]> {
  const rows = await db.query<{ line: string }>({
    text: `
      select concat_ws(' ', right(n.ref::text, 1), i.manifest, i.reason, v.body::json->>'name') as line
      from notification n join notification_item i on i.notification = n.id
      join notification_vulnerability v on v.notification = n.id and v.key = i.vulnerability order by 1`,
  });
  return rows.map(({ line }) => line);
}

describe('a poll', () => {
  it('takes what there is as known, and tells of each run after it', async () => {
    const w = world({ A: ['m'], B: ['m', 'n'], C: ['m'] }, { A: 'High' }, { A: 'High', C: 'Low' });
    const notifier = notifierOf(db, w, { transports: [recorder()] });
    assert.equal(await notifier.poll(signal), 0);
    push(w, { B: 'Low' });
    push(w, { B: 'Low', C: 'High' });
    assert.equal(await notifier.poll(signal), 2);
    const want = ['2 m added B', '2 m removed A', '2 n added B', '3 m added C'];
    assert.deepEqual(await stored(), want);
    assert.equal(await notifier.poll(signal), 0);
    assert.deepEqual(await stored(), want);
    assert.deepEqual(
      (await notifier.deliveries({ state: undefined, target: undefined, next: undefined, size: 9 })).map(
        ({ transport, state, items }) => [transport, state, items],
      ),
      [
        ['webhook', 'waiting', 1],
        ['webhook', 'waiting', 3],
      ],
    );
  });

  it('takes the first load of a new feed as known, or tells of it if asked to', async () => {
    const w = world({ A: ['m'], B: ['m'] });
    delete w.states.u;
    const notifier = notifierOf(db, w);
    await notifier.poll(signal);
    push(w, { A: 'High' });
    push(w, { A: 'High', B: 'Low' });
    assert.equal(await notifier.poll(signal), 1);
    assert.deepEqual(await stored(), ['1 m added B']);

    await clear(db);
    assert.equal(await notifierOf(db, w, { settings: { baseline: 'notify' } }).poll(signal), 1);
    assert.deepEqual(await stored(), ['1 m added A']);
  });

  it('says so when the matcher has forgotten the last run', async () => {
    const warned: unknown[] = [];
    const log: Log = {
      ...noLog,
      warn: (message, fields) => void warned.push(`${message} ${fields?.updater}`),
    };
    const w = world({ A: ['m'], B: ['m'] }, {});
    const notifier = notifierOf(db, w, { log });
    await notifier.poll(signal);
    for (const names of [{ A: 'Low' }, { A: 'Low' }, { A: 'Low', B: 'Low' }]) push(w, names);
    w.states.u!.splice(0, 2);
    assert.equal(await notifier.poll(signal), 1);
    assert.deepEqual(await stored(), ['3 m added B']);
    assert.deepEqual(warned, ['runs are missing u']);
  });

  it('does not let one feed keep another from its news', async () => {
    const w = world({ A: ['m'] }, {});
    push(w, {}, 'bad');
    const broken = worldRuns(w);
    const notifier = notifierOf(db, w, {
      runs: {
        ...broken,
        changes: (cur, prev, stop) => {
          if (cur === w.states.bad?.[1]?.run.ref) throw new Error('no diff');
          return broken.changes(cur, prev, stop);
        },
      },
    });
    await notifier.poll(signal);
    push(w, { A: 'Low' }, 'bad');
    push(w, { A: 'Low' });
    assert.equal(await notifier.poll(signal), 1);
    assert.deepEqual(await stored(), ['1 m added A']);
  });

  it('holds no transaction while it waits for the other services', async () => {
    const open: string[] = [];
    const look = async (where: string) => {
      const rows = await db.query<{ query: string }>({
        text: `
          select query from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend'
            and pid <> pg_backend_pid() and xact_start is not null`,
      });
      open.push(...rows.map(({ query }) => `${where}: ${query}`));
    };
    const w = world({ A: ['m'] }, {});
    const [runs, manifests] = [worldRuns(w), worldManifests(w)];
    let asked = 0;
    const notifier = notifierOf(db, w, {
      runs: {
        ...runs,
        async *changes(cur, prev, stop) {
          await look('changes');
          yield* runs.changes(cur, prev, stop);
        },
      },
      manifests: {
        async *affected(changes, stop) {
          asked++;
          await look('affected');
          yield* manifests.affected(changes, stop);
        },
      },
    });
    await notifier.poll(signal);
    push(w, { A: 'Low' });
    assert.equal(await notifier.poll(signal), 1);
    assert.equal(asked, 1);
    assert.deepEqual(open, []);
  });

  it('is not stored by a replica that lost its lock meanwhile', { timeout: 600_000 }, async () => {
    await using other = await connect(db.dsn, { applicationName: 'other' });
    const w = world({ A: ['m'] }, {});
    const runs = worldRuns(w);
    const notifier = notifierOf(other, w, {
      runs: {
        ...runs,
        async *changes(cur, prev, stop) {
          await db.query({
            text: `
              select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'other' and query ~ 'advisory_lock|ping'`,
          });
          // The server ends it when it comes to that.
          while ((await notifierOf(db, w).poll(signal)) === 0) await turn(10);
          yield* runs.changes(cur, prev, stop);
        },
      },
    });
    await notifier.poll(signal);
    push(w, { A: 'Low' });
    assert.equal(await notifier.poll(signal), 0);
    assert.deepEqual(await stored(), ['1 m added A']);
  });

  it('is done by one replica for each feed', async () => {
    await using other = await connect(db.dsn, { applicationName: 'other' });
    const w = world({ A: ['m'] }, {});
    push(w, {}, 'v');
    const notifiers = [db, other].map((each) => notifierOf(each, w, { transports: [recorder()] }));
    await notifiers[0]!.poll(signal);
    for (let n = 0; n < 5; n++) {
      push(w, n % 2 ? {} : { A: 'Low' });
      push(w, n % 2 ? {} : { A: 'Low' }, 'v');
    }
    const sets = await Promise.all(notifiers.map((notifier) => notifier.poll(signal)));
    const rest = await notifiers[0]!.poll(signal);
    assert.equal(sets[0]! + sets[1]! + rest, 10);
    assert.equal((await stored()).length, 10);
  });

  it('in test mode makes one set each time, in every process', async () => {
    for (let process = 0; process < 2; process++) {
      const notifier = notifierOf(db, world({}), {
        runs: testRuns(() => new Date()),
        manifests: testManifests,
        settings: { baseline: 'notify' },
      });
      for (let n = 0; n < 3; n++) assert.equal(await notifier.poll(signal), 1);
    }
    assert.equal((await stored()).filter((line) => line.endsWith('added test-vulnerability')).length, 6);
  });
});

describe('a crash at any point', () => {
  /** Fails at the statement with this number, and at all after it. */
  function failing(real: Database, at: number): Database {
    let count = 0;
    const guard = (session: Session): Session => ({
      ...session,
      query: async (statement) => {
        if (count++ >= at) throw new Error('crash');
        return await session.query(statement);
      },
    });
    return {
      ...real,
      ...guard(real),
      transaction: (work) => real.transaction((tx) => work({ ...tx, ...guard(tx) })),
    };
  }

  it('loses nothing, and doubles only what was on its way', { timeout: 600_000 }, async () => {
    const names = fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('Low', 'High'), {
      maxKeys: 3,
    });
    const step = fc.record({ names, crash: fc.integer({ min: 0, max: 60 }), refuse: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        await clear(db);
        const affected = { A: ['m', 'n'], B: ['n'], C: ['o'] };
        const [w, twin] = [world(affected, {}), world(affected, {})];
        let refuses = false;
        const target = recorder(() => {
          if (refuses) throw new Error('500');
        });
        let clock = Date.UTC(2026, 5, 1);
        const parts = { transports: [target], now: () => new Date(clock) };
        await notifierOf(db, w, parts).poll(signal);
        for (const { names, crash, refuse } of steps) {
          push(w, names);
          refuses = refuse;
          const dying = notifierOf(failing(db, crash), w, parts);
          await dying.poll(signal).catch(() => {});
          await dying.deliver('webhook', signal).catch(() => {});
          clock += 3600_000;
          await db.query({ text: `update notification_target set until = now() - interval '1 hour'` });
        }
        refuses = false;
        const healthy = notifierOf(db, w, parts);
        await healthy.poll(signal);
        await healthy.deliver('webhook', signal);

        const lines = await stored();
        const ids = target.got.map(({ delivery }) => delivery.notificationId);
        const sets = await db.query<{ id: string }>({
          text: `select n.id from notification n join notification_delivery d on d.notification = n.id
            where d.state = 'delivered' order by d.position`,
        });
        assert.deepEqual(
          [...new Set(ids)],
          sets.map(({ id }) => id),
          'each set, in order',
        );
        assert.ok(ids.length - sets.length <= steps.length, 'one at most for each crash');

        await clear(db);
        const calm = notifierOf(db, twin, parts);
        await calm.poll(signal);
        for (const { names } of steps) push(twin, names);
        await calm.poll(signal);
        assert.deepEqual(lines, await stored(), 'as if nothing had happened');
      }),
      { numRuns: 25 },
    );
  });
});
