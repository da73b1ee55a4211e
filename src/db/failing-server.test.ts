import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { testDatabase } from './database.fixture.ts';
import { connect, type Database } from './database.ts';
import { parseDsn } from './dsn.ts';
import { type StallingProxy, startProxy } from './stalling-proxy.fixture.ts';

const applicationName = 'clair-failing-test';
const open = new AsyncDisposableStack();
let dsn = '';
let through = '';
let proxy: StallingProxy;
before(async () => {
  ({ dsn } = open.use(await testDatabase()));
  const { servers, user, database, password } = parseDsn(dsn);
  const { host, port } = servers[0]!;
  proxy = open.use(
    await startProxy(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
  );
  through = `host=127.0.0.1 port=${proxy.port} user=${user} dbname=${database} sslmode=disable${password ? ` password=${password.reveal()}` : ''}`;
});
after(() => open.disposeAsync());

const isDatabase = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError && error.code === 'database', String(error));
  assert.match(error.message, pattern);
  return true;
};

/** A message of the protocol: ErrorResponse. */
function errorResponse(code: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

describe('a server that fails', { timeout: 600_000 }, () => {
  it('may end a connection in one breath with its greeting', async () => {
    // In a process of its own: an error that nobody hears of would end it.
    proxy.rewrite = (chunk) =>
      chunk.includes('Z\0\0\0\x05I') && !chunk.includes('T\0')
        ? Buffer.concat([chunk, errorResponse('57P01', 'terminating connection')])
        : chunk;
    const script = `
      const { connect } = await import(${JSON.stringify(new URL('./database.ts', import.meta.url).href)});
      const db = await connect(${JSON.stringify(through)}, { applicationName: 'x' });
      for (let i = 0; i < 5; i++) await db.query({ text: 'select 1' }).catch(() => {});
      await db.tryLock('a').catch(() => {});
      process.exit(7);`;
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    proxy.rewrite = undefined;
    assert.equal(code, 7);
  });

  it('is waited for while it starts', async () => {
    const asked: string[] = [];
    let isUp = false;
    const starting: Server = createServer((socket: Socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          if (!isUp) return void socket.end(errorResponse('57P03', 'the database system is starting up'));
          socket.end(errorResponse('28P01', 'it is up')); // any other word ends the wait
        });
    });
    await new Promise<void>((done) => starting.listen(0, '127.0.0.1', done));
    const { port } = starting.address() as { port: number };
    const connecting = connect(`host=127.0.0.1 port=${port} user=u dbname=d sslmode=disable`, {
      applicationName,
      onWait: (reason) => {
        asked.push(reason);
        isUp = true;
      },
    });
    await assert.rejects(connecting, isDatabase(/it is up/));
    assert.equal(asked.length, 1);
    assert.match(asked[0]!, /starting up/);
    starting.close();
  });

  it('that starts is not waited for by what is stopped', async () => {
    const starting = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(errorResponse('57P03', 'starting up')));
    });
    await new Promise<void>((done) => starting.listen(0, '127.0.0.1', done));
    const { port } = starting.address() as { port: number };
    const stop = new AbortController();
    await assert.rejects(
      connect(`host=127.0.0.1 port=${port} user=u dbname=d sslmode=disable`, {
        applicationName,
        signal: stop.signal,
        onWait: () => stop.abort(),
      }),
      { name: 'AbortError' },
    );
    starting.close();
  });

  it('that gives no more connections serves by those that there are', async () => {
    await using admin = await connect(dsn, { applicationName });
    const role = `few_${process.pid}`;
    await admin.query({ text: `create role ${role} login connection limit 2` });
    try {
      const few = through.replace(/user=\S+/, `user=${role}`);
      await using db = await connect(few, { applicationName, max: 10 });
      const answers = Array.from({ length: 30 }, (_, n) =>
        db.query<{ n: number }>({ text: 'select $1::int as n, pg_sleep(0.01)', values: [n] }),
      );
      assert.deepEqual(
        (await Promise.all(answers)).map(([row]) => row?.n),
        Array.from({ length: 30 }, (_, n) => n),
      );
      assert.ok(db.figures().total <= 2);
    } finally {
      await admin.query({ text: `drop role ${role}` });
    }
  });

  describe('that stands still', () => {
    let db: Database;
    before(async () => {
      db = await connect(through, { applicationName, max: 2 });
      proxy.stall();
    });
    after(async () => {
      proxy.resume();
      await db[Symbol.asyncDispose]();
    });

    it('is noticed by whoever waits for it, in a statement, a transaction, a lock or in line', async () => {
      const noRows = async function* (): AsyncGenerator<string> {};
      const results = await Promise.allSettled([
        db.query({ text: 'select 1' }),
        db.transaction((tx) => tx.copyIn('copy pg_class from stdin', noRows())),
        db.query({ text: 'select 1' }),
        db.tryLock('b'),
        db.tryLock('c'),
      ]);
      for (const result of results) {
        assert.equal(result.status, 'rejected');
        isDatabase(/does not answer|cannot connect/)(result.reason);
      }
    });

    it('is waited for by nobody who comes later, until it answers', async () => {
      await assert.rejects(db.query({ text: 'select 1' }), isDatabase(/does not respond/));
      proxy.resume();
      for (let tries = 0; ; tries++) {
        const rows = await db.query({ text: 'select 1 as a' }).catch(() => undefined);
        if (rows !== undefined) break;
        assert.ok(tries < 200, 'it answers, and nobody notices');
        await sleep(100);
      }
      await using lock = await db.tryLock('b');
      assert.ok(lock !== undefined);
    });
  });

  it('may stand still for longer where the connection string says so', async () => {
    const patient = `${through} connect_timeout=120`;
    await using db = await connect(patient, { applicationName, max: 1 });
    proxy.stall();
    const answer = db.query<{ n: number }>({ text: 'select 1 as n' });
    const lock = db.tryLock('patient');
    await sleep(12_000);
    proxy.resume();
    assert.deepEqual(await answer, [{ n: 1 }]);
    await using held = await lock;
    assert.ok(held !== undefined);
  });

  it('is not taken for silent by a process that stood still itself', async () => {
    await using db = await connect(through, { applicationName, max: 1 });
    const slow = db.query<{ n: number }>({ text: 'select 1 as n from pg_sleep(14)' });
    // From when the server is asked, for longer than it has to answer.
    await sleep(3900);
    for (let n = 0; n < 2; n++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000);
      await sleep(0);
    }
    assert.deepEqual(await slow, [{ n: 1 }]);
  });

  it('that stands still keeps nobody from closing', async () => {
    const db = await connect(through, { applicationName, max: 2 });
    await Promise.all([1, 2].map(() => db.query({ text: 'select pg_sleep(0.1)' })));
    await using _lock = await db.tryLock('closing');
    proxy.stall();
    try {
      await db[Symbol.asyncDispose]();
    } finally {
      proxy.resume();
    }
  });

  it('may be long at a statement', async () => {
    await using db = await connect(through, { applicationName, max: 1 });
    assert.deepEqual(await db.query({ text: 'select 1 as n from pg_sleep(8)' }), [{ n: 1 }]);
  });

  it('whose answer was lost is not waited for', async () => {
    await using db = await connect(through, { applicationName, max: 1 });
    await db.query({ text: 'select 1' });
    const [row] = await db.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
    assert.ok(row);
    proxy.rewrite = (chunk) => (chunk.includes('lost') ? Buffer.alloc(0) : chunk);
    try {
      await assert.rejects(db.query({ text: `select 'lost' as a` }), isDatabase(/knows nothing of/));
    } finally {
      proxy.rewrite = undefined;
    }
  });
});
