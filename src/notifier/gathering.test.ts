import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Database } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { clear, notifierDatabase, notifierOf, recorder, run, vulnerability } from './notifier.fixture.ts';
import type { Change, ManifestPage, ManifestSource, RunSource } from './sources.ts';

const { signal } = new AbortController();
const ALL = { state: undefined, target: undefined, next: undefined, size: 99 };

describe('a set that is gathered', () => {
  const stack = new AsyncDisposableStack();
  let db: Database;
  before(async () => {
    db = stack.use(await notifierDatabase());
  });
  after(() => stack.disposeAsync());
  beforeEach(() => clear(db));

  /** Updaters `a` and `b`, which have these changes in each run. */
  function runsOf(changes: () => readonly Change[]): RunSource & { made: number } {
    const source = {
      made: 1,
      async runs(latest: boolean) {
        const all = ['a', 'b'].map((name, at) => {
          const runs = Array.from({ length: source.made }, (_, n) => run(at + 1, n)).reverse();
          return [name, latest ? runs.slice(0, 1) : runs];
        });
        return Object.fromEntries(all) as Awaited<ReturnType<RunSource['runs']>>;
      },
      async *changes() {
        yield* changes();
      },
    };
    return source;
  }

  const change = (name: string, severity: string): Change => ({
    reason: 'added',
    vulnerability: vulnerability(name, severity),
  });
  /** Pages of one manifest each. */
  function paged(
    manifests: number,
    fails: (after: string) => void = () => {},
  ): ManifestSource & { asked: string[] } {
    const source = {
      asked: [] as string[],
      async *affected(
        changes: readonly Change[],
        { after }: { after: string },
      ): AsyncGenerator<ManifestPage> {
        source.asked.push(after);
        for (let n = Number(after); n < manifests; n++) {
          fails(String(n));
          yield { manifests: [[`m${n}`, changes.map((_, at) => at)]], next: String(n + 1) };
        }
      },
    };
    return source;
  }
  const stored = async (): Promise<string[]> =>
    (
      await db.query<{ line: string }>({
        text: `
          select n.updater || ' ' || i.manifest || ' ' || (v.body::json->>'name') as line
          from notification n join notification_item i on i.notification = n.id
          join notification_vulnerability v on v.notification = n.id and v.key = i.vulnerability order by 1`,
      })
    ).map(({ line }) => line);

  it('goes on where another process was killed, and is told of when it is whole', async () => {
    const runs = runsOf(() => [change('A', 'Low'), change('B', 'High')]);
    let isKilled = true;
    const manifests = paged(5, (page) => {
      if (isKilled && page === '3') throw new AppError('database', 'killed');
    });
    const notifier = () =>
      notifierOf(db, { states: {}, affected: {} }, { runs, manifests, transports: [recorder()] });
    await notifier().poll(signal);
    runs.made = 2;
    assert.equal(await notifier().poll(signal), 0);
    assert.equal((await stored()).length, 6);
    assert.deepEqual(await notifier().deliveries(ALL), [], 'nothing is told before all of it is there');
    isKilled = false;
    manifests.asked.length = 0;
    assert.equal(await notifier().poll(signal), 2);
    assert.deepEqual(manifests.asked, ['3', '3']);
    assert.deepEqual(
      await stored(),
      ['a', 'b'].flatMap((name) => [0, 1, 2, 3, 4].map((n) => `${name} m${n} B`)),
    );
    assert.deepEqual(
      (await notifier().deliveries(ALL)).map(({ items, state }) => [items, state]),
      [
        [5, 'waiting'],
        [5, 'waiting'],
      ],
    );
    assert.deepEqual(await db.query({ text: 'select from notifier_gathering' }), []);
  });

  it('is a dead letter when it can never be read, and the feed goes on', async () => {
    let isBroken = true;
    const runs = runsOf(() => [change('A', 'Low')]);
    const whole = runs.changes;
    runs.changes = async function* (cur, prev, stop) {
      yield* whole(cur, prev, stop);
      if (isBroken && cur === run(1, 1).ref) throw new AppError('service-answer', 'it is not valid JSON');
    };
    const notifier = notifierOf(
      db,
      { states: {}, affected: {} },
      { runs, manifests: paged(1), transports: [recorder()] },
    );
    await notifier.poll(signal);
    runs.made = 2;
    assert.equal(await notifier.poll(signal), 1, 'the other feed');
    for (let poll = 2; poll < 5; poll++) assert.equal(await notifier.poll(signal), 0);
    assert.equal(await notifier.poll(signal), 1);
    const [dead] = await notifier.deliveries({ ...ALL, state: 'dead' });
    assert.deepEqual([dead?.updater, dead?.last_error], ['a', 'not gathered: it is not valid JSON']);
    isBroken = false;
    runs.made = 3;
    assert.equal(await notifier.poll(signal), 2);
    assert.deepEqual(await db.query({ text: 'select from notifier_gathering' }), []);
  });

  it('is no dead letter while another service is away', async () => {
    const runs = runsOf(() => [change('A', 'Low')]);
    let isAway = true;
    const manifests = paged(1, () => {
      if (isAway) throw new AppError('database', 'away');
    });
    const notifier = notifierOf(
      db,
      { states: {}, affected: {} },
      { runs, manifests, transports: [recorder()] },
    );
    await notifier.poll(signal);
    runs.made = 2;
    for (let poll = 0; poll < 8; poll++) assert.equal(await notifier.poll(signal), 0);
    isAway = false;
    assert.equal(await notifier.poll(signal), 2);
    assert.deepEqual(await stored(), ['a m0 A', 'b m0 A']);
  });
});
