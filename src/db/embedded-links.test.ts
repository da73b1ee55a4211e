import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from './database.ts';
import { startEmbedded } from './embedded.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-embedded-links-'));
after(() => rmSync(root, { recursive: true, force: true }));
chmodSync(root, 0o755);

const skip = process.getuid?.() !== 0 && 'only root can be led where another user may not write';
const NOBODY = 65_534;
const ALICE = 1; // daemon: PostgreSQL wants a user that has a name

/** A data directory of `uid` where every name that is written leads to a file of root's, as `victims` tells. */
function trap(name: string, uid: number) {
  const dataDir = join(root, name);
  const victims = ['keeper.lock', 'postgres.log', 'sockets', 'keeper.lock-journal'].map((file) => ({
    file,
    path: join(root, `${name}-${file}`),
  }));
  mkdirSync(dataDir, { mode: 0o700 });
  for (const { file, path } of victims) {
    writeFileSync(path, 'secret', { mode: 0o600 });
    symlinkSync(path, join(dataDir, file));
  }
  chownSync(dataDir, uid, uid);
  return { dataDir, contents: () => victims.map(({ path }) => readFileSync(path, 'utf8')) };
}
const untouched = Array(4).fill('secret');

describe('a data folder of another user, for root', { skip, timeout: 600_000 }, () => {
  it('is taken back from the user of the server, with nothing that leads elsewhere', async () => {
    const { dataDir, contents } = trap('nobody', NOBODY);
    {
      await using server = await startEmbedded({ dataDir });
      await using db = await connect(server.dsn, { applicationName: 'test' });
      assert.equal((await db.query({ text: 'select 1' })).length, 1);
      assert.equal(lstatSync(join(dataDir, 'postgres.log')).isFile(), true);
      assert.equal(statSync(join(dataDir, 'cluster')).uid, NOBODY);
    }
    assert.deepEqual(contents(), untouched);
    const { uid, mode } = statSync(dataDir);
    assert.deepEqual([uid, mode & 0o777], [0, 0o711]);
  });

  it('of an ordinary user is used with the rights of that user alone', async () => {
    const { dataDir, contents } = trap('alice', ALICE);
    await assert.rejects(startEmbedded({ dataDir }), { code: 'database' });
    assert.deepEqual(contents(), untouched);
    for (const file of ['keeper.lock', 'postgres.log', 'sockets', 'keeper.lock-journal'])
      rmSync(join(dataDir, file));
    await using server = await startEmbedded({ dataDir });
    assert.match(server.dsn, /host=/);
    assert.equal(statSync(join(dataDir, 'postgres.log')).uid, ALICE);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  });

  it('keeps nobody waiting with a pipe', async () => {
    const { dataDir } = trap('pipe', ALICE);
    rmSync(join(dataDir, 'sockets'));
    execFileSync('mkfifo', [join(dataDir, 'sockets')]);
    await assert.rejects(startEmbedded({ dataDir }), { code: 'database' });
  });
});
