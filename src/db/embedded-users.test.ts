import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { placesOf } from './embedded-places.ts';
import { serveUsers } from './embedded-users.ts';

const folder = mkdtempSync(join(tmpdir(), 'users-'));
after(() => rmSync(folder, { recursive: true }));

const sleeper = (): ChildProcess => spawn('sleep', ['60'], { stdio: 'ignore' });

/** proc_pid_stat(5), field 22; the name of this process has no parentheses. */
const startOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!;

describe('users of an embedded server', { timeout: 600_000 }, () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`are let go when it had ended by ${signal} before anybody listened`, async () => {
      const server = sleeper();
      server.kill(signal);
      await once(server, 'exit');
      const path = join(folder, signal);
      assert.equal(await serveUsers(path, 'dsn', server), undefined);
      assert.equal(existsSync(path), false);
    });
  }

  it('are told the way to it, and let go when it ends', async () => {
    const server = sleeper();
    const path = join(folder, 'ends');
    const over = serveUsers(path, 'dsn', server);
    const user = connect(path).setEncoding('utf8');
    const [greeting] = (await once(user, 'data')) as [string];
    assert.deepEqual(JSON.parse(greeting), { dsn: 'dsn', keeper: process.pid });
    server.kill();
    assert.equal(await over, undefined);
    await once(user, 'close');
  });

  it('have it stay for the next as long as the last of them wishes, if its session lasts', async () => {
    const places = placesOf(mkdtempSync(join(folder, 'data-')));
    mkdirSync(places.cluster);
    writeFileSync(places.lock, '');
    const visit = async (path: string, wish?: unknown): Promise<void> => {
      const user = connect(path);
      await once(user, 'data');
      if (wish !== undefined) user.write(JSON.stringify(wish));
      user.end();
      await once(user, 'close');
    };
    const [own] = [process.pid].map((pid) => ({ pid, started: startOf(pid) }));
    const long = { linger: 60_000, session: own };
    const ends: [string, unknown, (() => void)?][] = [
      ['the time is up', { linger: 50, session: own }],
      ['who led the session is gone', { linger: 60_000, session: { ...own, started: '1' } }],
      ['the next wants no more', undefined],
      ['the next says nonsense', { linger: -1 }],
      ['the directory is gone', long, () => rmSync(places.lock)],
    ];
    for (const [why, wish, then] of ends) {
      const server = sleeper();
      const path = join(folder, why.replaceAll(' ', '-'));
      let isOver = false;
      const over = serveUsers(path, 'dsn', server, places).finally(() => (isOver = true));
      for (let i = 0; i < 2; i++) await visit(path, long);
      assert.equal(isOver, false, why);
      const visited = visit(path, wish).then(then);
      (await over)?.end(); // who wants no more waits for the end
      await visited;
      server.kill();
    }
  });

  it('stop it with the last of them, who waits for that', async () => {
    const server = sleeper();
    const path = join(folder, 'last');
    const over = serveUsers(path, 'dsn', server);
    const users = [connect(path), connect(path)];
    await Promise.all(users.map((user) => once(user, 'data')));
    users[0]!.end();
    await once(users[0]!, 'close');
    users[1]!.end();
    const last = await over;
    assert.ok(last !== undefined && !last.destroyed);
    last.end();
    await once(users[1]!, 'close');
    server.kill();
  });
});
