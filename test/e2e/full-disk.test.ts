/** A data directory whose disk is full: told as such, and right again when there is space. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeOciLayout } from './make-image.ts';
import { canListProcesses, processesLeft } from './processes.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'clair-full-'));
const image = join(folder, 'image');
const mounted: string[] = [];

after(() => {
  for (const path of mounted) spawnSync('umount', ['-l', path]);
  rmSync(folder, { recursive: true, force: true });
});

/** A disk of this size; undefined: this user may not make one. */
function diskOf(size: number): string | undefined {
  const path = mkdtempSync(join(folder, 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'clair-test', path], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  mounted.push(path);
  return path;
}

function fill(disk: string): string {
  const path = join(disk, 'filler');
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024, 1));
  } catch {
    closeSync(file);
  }
  assert.equal(statfsSync(disk).bavail, 0);
  return path;
}

const probe = process.platform === 'linux' ? diskOf(MIB) : undefined;
const skip = probe === undefined && 'mounting a small disk takes root on Linux';

describe('a full disk', { skip }, () => {
  writeOciLayout(image, [ALPINE]);
  const scan = (disk: string, ...args: string[]): Promise<Ended> =>
    runToEnd('clairctl', ['scan', '--data-dir', join(disk, 'data'), ...args, image]);

  async function fails(disk: string): Promise<void> {
    const { code, stdout, stderr } = await scan(disk, '--update', 'never');
    assert.equal(code, 1, stdout + stderr);
    assert.match(stderr, /disk is full|free some space/);
    assert.match(stderr, /data/);
    assert.doesNotMatch(stderr, /\n\s+at |internal error/, 'no stack trace');
    assert.deepEqual(canListProcesses ? await processesLeft(disk) : [], []);
  }

  it('is told where the database does not fit', async () => {
    const disk = diskOf(20 * MIB)!;
    await fails(disk);
    await fails(disk);
  });

  it('is told where nothing at all fits, and forgotten when there is space', async () => {
    const disk = diskOf(120 * MIB)!;
    mkdirSync(join(disk, 'data'));
    const filler = fill(disk);
    await fails(disk);
    rmSync(filler);
    assert.equal((await scan(disk, '--update', 'never')).code, 3); // no feeds yet
    const again = fill(disk);
    await fails(disk);
    rmSync(again);
    assert.equal((await scan(disk, '--update', 'never')).code, 3);
  });

  it('fails the feed that does not fit, and loads it when there is space', async () => {
    await using world = await startWorld();
    const config = join(folder, 'config.yaml');
    writeFileSync(config, worldConfig(world));
    const secdb = JSON.stringify({
      packages: [
        { pkg: { name: 'teapot', secfixes: { '1.1-r0': ['CVE-2099-0001'] } } },
        ...Array.from({ length: 60_000 }, (_, i) => ({
          pkg: { name: `pkg${i}`, secfixes: { '1.1-r0': [`CVE-2099-${10_000 + i}`] } },
        })),
      ],
    });
    world.intercept = (path, response) => {
      if (path === '/secdb/v3.40/main.json') response.end(secdb);
      return path === '/secdb/v3.40/main.json';
    };
    const disk = diskOf(400 * MIB)!;
    assert.equal((await scan(disk, '--update', 'never')).code, 3);
    const filler = join(disk, 'filler');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 8 * MIB, 1));
    const full = await scan(disk, '--update', 'always', '--config', config);
    assert.ok(full.code === 1 || full.code === 3, full.stdout + full.stderr);
    assert.match(full.stdout + full.stderr, /space|NOT CHECKED/);
    assert.doesNotMatch(full.stdout, /No known vulnerabilities/);
    assert.doesNotMatch(full.stderr, /\n\s+at |internal error/, 'no stack trace');
    rmSync(filler);
    const { code, stdout, stderr } = await scan(disk, '--update', 'always', '--config', config);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /CVE-2099-0001/);
  });
});
