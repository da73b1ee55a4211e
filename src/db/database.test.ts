import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { lockNumber } from './advisory-locks.ts';
import { testDatabase } from './database.fixture.ts';
import { connect, type Database, encodeCopyRow } from './database.ts';

const applicationName = 'clair-db-test';
let test: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
before(async () => {
  test = await testDatabase();
  db = await connect(test.dsn, { applicationName, max: 2 });
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

const one = async <T>(text: string, values: unknown[] = []) =>
  Object.values((await db.query<Record<string, T>>({ text, values }))[0]!)[0]!;
async function* lines(rows: Iterable<Parameters<typeof encodeCopyRow>[0]>) {
  for (const row of rows) yield encodeCopyRow(row);
}

describe('query', () => {
  const values: [sql: string, want: unknown][] = [
    ['1::int8', 1],
    ['9007199254740993::int8', 9007199254740993n],
    ['array[1, 9007199254740993]::int8[]', [1, 9007199254740993n]],
    ['count(*)', 1],
    [`'{"a": [1]}'::jsonb`, { a: [1] }],
    [`'\\x00ff'::bytea`, Buffer.from([0, 255])],
    [`'2026-01-02T03:04:05Z'::timestamptz`, new Date('2026-01-02T03:04:05Z')],
    [`'2026-01-02'::date`, '2026-01-02'],
    [`'2026-01-02 03:04:05'::timestamp`, '2026-01-02 03:04:05'],
    ['1.50::numeric', '1.50'],
  ];
  for (const [sql, want] of values)
    it(`reads ${sql}`, async () => assert.deepEqual(await one(`select ${sql}`), want));

  it('prepares named statements', async () => {
    await using single = await connect(test.dsn, { applicationName, max: 1 });
    for (const n of [1, 2]) {
      assert.deepEqual(await single.query({ name: 'twice', text: 'select $1::int * 2 as n', values: [n] }), [
        { n: 2 * n },
      ]);
    }
    const prepared = await single.query<{ name: string }>({
      text: 'select name from pg_prepared_statements',
    });
    assert.deepEqual(prepared, [{ name: 'twice' }]);
  });
  it('says what to do where a pooler hands out sessions by the transaction', async () => {
    // What such a session looks like: it has statements of others, and lacks its own.
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query({ text: 'prepare others as select 1' });
        await tx.query({ name: 'others', text: 'select 1' });
      }),
      {
        code: 'database',
        message: /session changes between statements .* already exists\. A connection pooler must use/,
      },
    );
    const own = { name: 'own', text: 'select 1 as one' };
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(own);
        await tx.query({ text: 'deallocate own' });
        await tx.query(own);
      }),
      { code: 'database', message: /pool_mode = session/ },
    );
  });

  it("throws the server's errors with their SQLSTATE", async () => {
    await assert.rejects(db.query({ text: 'select * from nothing' }), { code: '42P01' });
    assert.equal(await one('select 1'), 1);
  });
  it('says that a connection was lost, and makes another', async () => {
    await assert.rejects(
      db.query({ text: 'select pg_terminate_backend(pg_backend_pid())' }),
      (error) =>
        error instanceof AppError && error.code === 'database' && /lost the connection/.test(error.message),
    );
    assert.equal(await one('select 1'), 1);
  });
  it('waits for a free connection for as long as it takes', async () => {
    const busy = Promise.all(
      [1, 2, 3, 4].map((n) => db.query({ text: 'select pg_sleep(0.05), $1::int', values: [n] })),
    );
    assert.equal((await busy).length, 4);
  });
});

describe('transaction', () => {
  it('commits what returns, rolls back what throws', async () => {
    await db.query({ text: 'create table t (a int unique)' });
    assert.equal(
      await db.transaction(async (tx) => (await tx.query({ text: 'insert into t values (1)' })).length),
      0,
    );
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query({ text: 'insert into t values (2)' });
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(await one('select count(*) from t'), 1);
  });
  it('runs statements in the order of the calls', async () => {
    await db.transaction(async (tx) => {
      await Promise.all([
        tx.query({ text: 'create temp table o (a int) on commit drop' }),
        tx.copyIn('copy o from stdin', lines([[1], [2]])),
        tx.query({ text: 'insert into o values (3)' }),
      ]);
      assert.deepEqual(await tx.query({ text: 'select count(*) as n from o' }), [{ n: 3 }]);
    });
  });
  it('does not report as done what the server rolled back', async () => {
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query({ text: 'insert into t values (3)' });
        await tx.query({ text: 'insert into t values (1)' }).catch(() => {});
      }),
      /rolled back/,
    );
    assert.equal(await one('select count(*) from t'), 1);
  });
  it('refuses statements after its end', async () => {
    const leaked = await db.transaction(async (tx) => tx);
    await assert.rejects(leaked.query({ text: 'select 1' }), /has ended/);
  });
});

describe('copyIn', () => {
  before(() => db.query({ text: 'create table c (a text, b int8, c bool, d bytea, e text[])' }));

  it('brings back what was encoded', async () => {
    const text = fc.string({ unit: 'binary' }).map((s) => s.toWellFormed().replaceAll('\0', ''));
    const row = fc.tuple(
      fc.option(text),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.boolean(),
      fc.uint8Array(),
      fc.array(text),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
        const back = await db.transaction(async (tx) => {
          await tx.query({ text: 'truncate c' });
          const n = await tx.copyIn(
            'copy c from stdin',
            lines(rows.map(([a, b, c, d, e]) => [a, b, c, Buffer.from(d), e])),
          );
          assert.equal(n, rows.length);
          return tx.query<Record<string, unknown>>({ text: 'select a, b::text, c, d, e from c' });
        });
        assert.deepEqual(
          back.map(({ a, b, c, d, e }) => [a, b, c, d, e]),
          rows.map(([a, b, c, d, e]) => [a, b.toString(), c, Buffer.from(d), e]),
        );
      }),
      { numRuns: 40 },
    );
  });
  it('takes many rows, as text and as bytes', async () => {
    async function* many() {
      for (let i = 0; i < 50_000; i++)
        yield i % 2
          ? encodeCopyRow(['é'.repeat(10), i, null, undefined, []])
          : Buffer.from(encodeCopyRow(['b', i, true, null, ['x']]));
    }
    await db.query({ text: 'truncate c' });
    assert.equal(await db.copyIn('copy c from stdin', many()), 50_000);
    assert.equal(await one('select sum(b)::int8 from c'), (50_000 * 49_999) / 2);
  });
  it('takes no rows', async () => assert.equal(await db.copyIn('copy c from stdin', lines([])), 0));
  it('leaves nothing when the rows fail, and the connection usable', async () => {
    async function* broken() {
      yield encodeCopyRow(['kept?', 1, true, null, null]);
      throw new Error('source broke');
    }
    await db.query({ text: 'truncate c' });
    for (let i = 0; i < 5; i++)
      await assert.rejects(db.copyIn('copy c from stdin', broken()), /source broke/);
    await assert.rejects(
      db.transaction((tx) => tx.copyIn('copy c from stdin', broken())),
      /source broke/,
    );
    await assert.rejects(db.copyIn('copy c from stdin', lines([['a', 'no number']])), { code: '22P02' });
    await assert.rejects(db.copyIn('copy nothing from stdin', lines([['a']])), { code: '42P01' });
    assert.equal(await one('select count(*) from c'), 0);
  });
  it('throws what the rows threw, even when it looks like the end of a connection', async () => {
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' });
    async function* rows(): AsyncGenerator<string> {
      yield encodeCopyRow(['a']);
      throw missing;
    }
    await assert.rejects(
      db.transaction((tx) => tx.copyIn('copy c (a) from stdin', rows())),
      (error) => error === missing,
    );
    await assert.rejects(
      db.transaction(async () => Promise.reject(missing)),
      (error) => error === missing,
    );
    assert.equal(await one('select 1'), 1);
  });
  it('puts a replacement character where NUL cannot be stored', () =>
    assert.equal(encodeCopyRow(['a\0b']), 'a\uFFFDb\n'));
});

describe('locks', () => {
  it('numbers keys by FNV-1a, 64 bits', () => {
    // the vectors of the algorithm's authors: "", "a", "foobar"
    const want = [0xcbf29ce484222325n, 0xaf63dc4c8601ec8cn, 0x85944171f73967e8n].map((n) =>
      BigInt.asIntN(64, n),
    );
    assert.deepEqual(['', 'a', 'foobar'].map(lockNumber), want);
  });
  it('has one holder at a time, in this process and in others', async () => {
    await using other = await connect(test.dsn, { applicationName });
    {
      await using lock = (await db.tryLock('k'))!;
      assert.equal(lock.signal.aborted, false);
      assert.equal(await db.tryLock('k'), undefined);
      assert.equal(await other.tryLock('k'), undefined);
      await using _unrelated = (await other.tryLock('another'))!;
    }
    await using _again = (await other.tryLock('k'))!;
  });
  it('waits until the lock is free, or the caller has had enough', async () => {
    await using other = await connect(test.dsn, { applicationName });
    const held = (await other.tryLock('w'))!;
    const waiting = db.lock('w', { signal: AbortSignal.timeout(4000) });
    await assert.rejects(db.lock('w', { signal: AbortSignal.timeout(80) }), { name: 'TimeoutError' });
    await held[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
  });
  it('tells its holder when the connection is lost, and locks again', async () => {
    await using other = await connect(test.dsn, { applicationName: 'clair-lock-victim' });
    const lock = (await other.tryLock('l'))!;
    const aborted = new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
    await db.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clair-lock-victim'`,
    });
    await aborted;
    const { reason } = lock.signal;
    assert.ok(reason instanceof AppError && reason.code === 'database', String(reason));
    assert.match(reason.message, /lost the connection .*for locks/);
    await lock[Symbol.asyncDispose]();
    await using _again = (await other.tryLock('l'))!;
    assert.equal(await db.tryLock('l'), undefined);
  });
});

describe('connect', () => {
  it('names what it cannot reach, never the password', async () => {
    const cases: [dsn: string, want: RegExp][] = [
      [
        'host=127.0.0.1 port=1 dbname=d user=u password=secret',
        /user "u": 127\.0\.0\.1:1, database "d": .*connection refused.*server running/,
      ],
      ['postgresql://u:secret@localhost:1/d', /localhost:1, database "d": .*connection refused/],
      [
        'host=/nowhere dbname=d password=secret',
        /socket \/nowhere\/\.s\.PGSQL\.5432, database "d": .*not found/,
      ],
      [`${test.dsn} dbname=absent password=secret`, /database "absent": .*does not exist \(create it/],
    ];
    for (const [dsn, want] of cases) {
      await assert.rejects(connect(dsn, { applicationName }), (error) => {
        assert.ok(error instanceof AppError && error.code === 'database');
        assert.match(error.message, want);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    }
  });
  it('goes on to the next server, and asks for one that can be written to', {
    skip: process.env.CLAIR_TEST_DSN !== undefined && 'the hosts of another server are not ours to list',
  }, async () => {
    const host = /host='([^']*)'/.exec(test.dsn)![1];
    await using second = await connect(
      `${test.dsn} host=127.0.0.1,${host} port=1,5432 target_session_attrs=read-write`,
      { applicationName },
    );
    assert.equal((await second.query({ text: 'select 1' })).length, 1);
    await using _lock = (await second.tryLock('m'))!;
    await assert.rejects(
      connect(`${test.dsn} target_session_attrs=read-write default_transaction_read_only=on`, {
        applicationName,
      }),
      /read-only/,
    );
  });
  it('sends its name and the settings of the connection string', async () => {
    assert.equal(await one('show application_name'), applicationName);
    await using other = await connect(
      `${test.dsn}${test.dsn.startsWith('postgres') ? '&' : ' '}statement_timeout=1234`,
      { applicationName, env: {} },
    );
    assert.deepEqual(await other.query({ text: 'show statement_timeout' }), [
      { statement_timeout: '1234ms' },
    ]);
  });
});
