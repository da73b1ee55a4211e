/** The embedded server stays for the next command of a session, and for no other. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../imports.ts';

describe('an embedded server that lingers', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-linger-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a script of sh that leads a session of its own, as a login does; gives what it prints. */
  async function inSession(dataDir: string, script: string): Promise<string> {
    const child = spawn('sh', ['-c', script, 'sh', process.execPath, join(ROOT, 'bin', 'clairctl.mjs')], {
      detached: true,
      env: { ...process.env, D: dataDir, CLAIR_DATA_DIR: dataDir, CLAIR_DB_LINGER: '10m' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    return said;
  }
  const STATUS = '"$1" "$2" db status >/dev/null 2>&1';
  const SERVER = 'head -n 1 "$D"/cluster/postmaster.pid';

  it('is the same one for commands one after the other and at once, and ends with the session', async () => {
    const dataDir = join(folder, 'kept');
    const many = `for i in 1 2 3 4; do ${STATUS} & done; wait`;
    const said = await inSession(dataDir, [STATUS, SERVER, many, SERVER, STATUS, SERVER].join('; '));
    const [first, ...others] = said.trim().split('\n');
    assert.match(first ?? '', /^\d+$/);
    assert.deepEqual(others, [first, first]);
    for (let i = 0; i < 600 && existsSync(join(dataDir, 'sockets')); i++) await sleep(50);
    assert.equal(existsSync(join(dataDir, 'sockets')), false, 'it outlives its session');
  });

  it('is stopped by a command that wants none, and does not outlive its directory', async () => {
    const dataDir = join(folder, 'gone');
    const none = `${STATUS}; CLAIR_DB_LINGER=0; export CLAIR_DB_LINGER; ${STATUS}; ls "$D"`;
    assert.doesNotMatch(await inSession(dataDir, none), /sockets/);
    // What the server writes in that moment may keep rm from a directory.
    const remove = 'until rm -rf "$D" 2>/dev/null; do sleep 0.2; done';
    const other = `${STATUS}; ${SERVER}; ${remove}; ${STATUS}; ${SERVER}; sleep 3; ${STATUS}; ${SERVER}`;
    const [before, next, last] = (await inSession(dataDir, other)).trim().split('\n');
    assert.match(`${before} ${next}`, /^\d+ \d+$/);
    assert.notEqual(before, next);
    assert.equal(next, last, 'the keeper of the deleted directory spoils the new one');
    for (let i = 0; i < 600 && isServer(Number(before)); i++) await sleep(50);
    assert.equal(isServer(Number(before)), false, 'it outlives its directory');
  });
});

function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return false;
  }
}
