import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { connect } from './database.ts';
import { startEmbedded } from './embedded.ts';
import { failure } from './embedded-cluster.ts';
import { canEnter } from './embedded-places.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-embedded-test-'));
const dataDir = join(root, 'db');
after(() => rmSync(root, { recursive: true, force: true }));

/** Another process that uses the server until it is killed or its standard input ends; `first` runs before. */
async function startUser(directory = dataDir, first = ''): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    ${first}
    const { startEmbedded } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)});
    const server = await startEmbedded({ dataDir: ${JSON.stringify(directory)} });
    console.log(server.shared ? 'shared' : 'own');
    process.stdin.resume().on('end', async () => { await server[Symbol.asyncDispose](); process.exit(); });`;
  const require = `import { createRequire } from 'node:module'; const require = createRequire('/');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', require + script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [unknown];
  return { child, said: String(said).trim() };
}

async function count(dsn: string): Promise<number> {
  await using db = await connect(dsn, { applicationName: 'test' });
  const [row] = await db.query<{ n: number }>({ text: 'select count(*) as n from kept' });
  return row!.n;
}

async function add(dsn: string): Promise<void> {
  await using db = await connect(dsn, { applicationName: 'test' });
  await db.query({ text: 'create table if not exists kept (a int)' });
  await db.query({ text: 'insert into kept values (1)' });
}

const serverPid = () =>
  Number(readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
const parentOf = (pid: number) =>
  Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
const isUp = () => existsSync(join(dataDir, 'cluster', 'postmaster.pid'));

async function isDown(): Promise<void> {
  for (let i = 0; i < 500 && isUp(); i++) await sleep(10);
  assert.equal(isUp(), false, 'the server still runs');
}

describe('embedded server', { timeout: 600_000 }, () => {
  it('starts once for two processes that come together, and stops with the last', async () => {
    const users = await Promise.all([startUser(), startUser()]);
    assert.deepEqual(users.map(({ said }) => said).sort(), ['own', 'shared']);
    for (const { child } of users) {
      assert.ok(isUp());
      child.stdin!.end();
      await once(child, 'exit');
    }
    assert.equal(isUp(), false);
    assert.equal(statSync(dataDir).mode & 0o777, process.getuid?.() === 0 ? 0o711 : 0o700);
  });

  it('leaves the keeper alone that it has joined, however late it hears of it', async () => {
    const deaf = `
      const processes = (await import('node:child_process')).default;
      const { spawn } = processes;
      processes.spawn = (...args) => {
        const child = spawn(...args);
        const { PassThrough } = require('node:stream');
        const late = new PassThrough();
        setTimeout(() => child.stdout.pipe(late), 3000);
        child.stdout = late;
        return child;
      };
      require('node:module').syncBuiltinESMExports();`;
    const { child, said } = await startUser(join(root, 'deaf'), deaf);
    const user = await startEmbedded({ dataDir: join(root, 'deaf') });
    child.stdin!.end();
    await once(child, 'exit');
    await using _ = user;
    assert.deepEqual([said, user.shared], ['own', true]);
    await add(user.dsn);
    assert.equal(await count(user.dsn), 1);
  });

  it('keeps the data for the next start, and mends what a start that was interrupted left', async () => {
    {
      await using server = await startEmbedded({ dataDir });
      assert.equal(server.shared, false);
      await add(server.dsn);
    }
    mkdirSync(join(dataDir, 'cluster.new-1', 'base'), { recursive: true });
    // The number of a process that is none of ours, as after a crash of the machine.
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n`);
    await using server = await startEmbedded({ dataDir });
    assert.equal(await count(server.dsn), 1);
    assert.deepEqual(
      readdirSync(dataDir).filter((name) => name.startsWith('cluster.')),
      [],
    );
  });

  it('is joined, and not restarted, where a busy machine keeps its keeper from answering', async () => {
    const first = await startEmbedded({ dataDir });
    const server = serverPid();
    const keeper = parentOf(server);
    const last = connectSocket(join(readFileSync(join(dataDir, 'sockets'), 'utf8'), 'keeper'));
    await once(last, 'data');
    last.write(JSON.stringify({ linger: 60_000 }));
    await first[Symbol.asyncDispose]();
    last.end();
    await once(last, 'close');
    process.kill(keeper, 'SIGSTOP');
    const joining = startEmbedded({ dataDir });
    await sleep(7000);
    process.kill(keeper, 'SIGCONT');
    await using user = await joining;
    assert.deepEqual([user.shared, serverPid()], [true, server]);
  });

  it('stops when its only user is killed, and loses nothing', async () => {
    const { child } = await startUser();
    child.kill('SIGKILL');
    await isDown();
    await using server = await startEmbedded({ dataDir });
    assert.equal(await count(server.dsn), 1);
  });

  it('stops when its keeper is killed, and starts again', async () => {
    const messages: string[] = [];
    const server = await startEmbedded({ dataDir, log: (message) => messages.push(message) });
    await add(server.dsn);
    process.kill(parentOf(serverPid()), 'SIGKILL');
    await using again = await startEmbedded({ dataDir }); // at once: it waits for the old server to go
    assert.equal(await count(again.dsn), 2);
    assert.match(messages.join(), /has stopped/);
    await server[Symbol.asyncDispose]();
  });

  it('recovers when the server itself is killed', async () => {
    const stopped = Promise.withResolvers<string>();
    const server = await startEmbedded({ dataDir, log: stopped.resolve });
    await add(server.dsn);
    process.kill(serverPid(), 'SIGKILL');
    assert.match(await stopped.promise, /has stopped/);
    await using again = await startEmbedded({ dataDir });
    assert.equal(await count(again.dsn), 3);
  });

  it('takes a directory whose path is too long for a socket', async () => {
    const long = join(root, 'l'.repeat(120), "it's");
    await using server = await startEmbedded({ dataDir: long });
    await add(server.dsn);
    assert.equal(await count(server.dsn), 1);
  });

  it('leaves directories alone that hold other things', async () => {
    const home = join(root, 'home');
    mkdirSync(join(home, 'thesis'), { recursive: true });
    const before = statSync(home);
    await assert.rejects(startEmbedded({ dataDir: home }), {
      code: 'database',
      message: /contains files that do not belong/,
    });
    assert.deepEqual([statSync(home).mode, statSync(home).uid], [before.mode, before.uid]);
  });

  it('says which directory cannot be used', async () => {
    writeFileSync(join(root, 'file'), '');
    await assert.rejects(
      startEmbedded({ dataDir: join(root, 'file', 'db') }),
      (error) => error instanceof AppError && error.message.includes(join(root, 'file', 'db')),
    );
  });
});

describe('failure', () => {
  const cases: [said: string, want: RegExp][] = [
    [
      'initdb: error: could not write file "x": No space left on device',
      /disk is full\. Free at least .*could not write/,
    ],
    [
      'FATAL:  database files are incompatible with server\nDETAIL:  initialized by version 17',
      /another PostgreSQL version.*DETAIL/,
    ],
    ['initdb: error: could not look up effective user ID 12345: user does not exist', /\/etc\/passwd/],
    ['', /gave no reason/],
  ];
  for (const [said, want] of cases) {
    it(`tells what to do about ${JSON.stringify(said.slice(0, 50))}`, () => {
      const error = failure('create', { dataDir: '/data' }, said);
      assert.equal(error.code, 'database');
      assert.match(error.message, /in \/data: /);
      assert.match(error.message, want);
    });
  }
});

describe('places', () => {
  it('knows by the permission bits who may enter', () => {
    const closed = join(root, 'closed');
    mkdirSync(join(closed, 'open'), { recursive: true });
    execFileSync('chmod', ['755', join(closed, 'open')]);
    execFileSync('chmod', ['700', closed]);
    assert.equal(canEnter(tmpdir(), { uid: 65_534, gid: 65_534 }), true);
    assert.equal(canEnter(join(closed, 'open'), { uid: 65_534, gid: 65_534 }), false);
    assert.equal(canEnter(join(closed, 'open'), { uid: process.getuid!(), gid: process.getgid!() }), true);
  });
});
