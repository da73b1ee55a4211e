import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { serveUsers } from './embedded-users.ts';

const folder = mkdtempSync(join(tmpdir(), 'users-'));
after(() => rmSync(folder, { recursive: true }));

const sleeper = (): ChildProcess => spawn('sleep', ['60'], { stdio: 'ignore' });

describe('users of an embedded server', { timeout: 10_000 }, () => {
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
