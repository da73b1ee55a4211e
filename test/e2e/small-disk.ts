/** Disks of a few bytes, which root may make on Linux. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MIB = 1024 * 1024;

/** Disks below one directory, unmounted and removed with it. */
export interface SmallDisks extends Disposable {
  readonly folder: string;
  /** A new disk of `size` bytes; undefined: this user may not make one. */
  make(size: number): string | undefined;
}

export function smallDisks(): SmallDisks {
  const folder = mkdtempSync(join(tmpdir(), 'clair-disks-'));
  const mounted: string[] = [];
  return {
    folder,
    make(size) {
      const path = mkdtempSync(join(folder, 'disk-'));
      try {
        const options = ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'clair-test', path];
        execFileSync('mount', options, { stdio: 'ignore' });
      } catch {
        return undefined;
      }
      mounted.push(path);
      return path;
    },
    [Symbol.dispose]() {
      for (const path of mounted) spawnSync('umount', ['-l', path]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Why tests with such disks cannot run; undefined: they can. */
export function cannotMakeDisks(): string | undefined {
  using disks = smallDisks();
  const isPossible = process.platform === 'linux' && disks.make(MIB) !== undefined;
  return isPossible ? undefined : 'mounting a small disk takes root on Linux';
}

/** Fills it to the last byte. Returns the file that does it. */
export function fill(disk: string): string {
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
