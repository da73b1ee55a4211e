/** A data directory whose disk is full: told as such, and right again when there is space. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeOciLayout } from './make-image.ts';
import { canListProcesses, processesLeft } from './processes.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { cannotMakeDisks, fill, MIB, smallDisks } from './small-disk.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

const disks = smallDisks();
const { folder } = disks;
const image = join(folder, 'image');
const skip = cannotMakeDisks();

after(() => disks[Symbol.dispose]());

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
    const disk = disks.make(20 * MIB)!;
    await fails(disk);
    await fails(disk);
  });

  it('is told where nothing at all fits, and forgotten when there is space', async () => {
    const disk = disks.make(120 * MIB)!;
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
    const disk = disks.make(400 * MIB)!;
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
