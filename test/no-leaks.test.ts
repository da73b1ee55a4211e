/** What is handed to others names no developer's machine and no host that packages came from. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './imports.ts';

/** Homes and work folders: absolute paths that are never part of an image or of a system that we describe. */
const MACHINE_PATHS =
  /(?<![\w.:/-])\/(?:work|root|farm|home\/[a-z_]|Users\/[A-Za-z]|private\/tmp)\/[A-Za-z.]/;

function trackedFiles(): string[] | undefined {
  try {
    return execFileSync('git', ['ls-files', '-z'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\0')
      .filter((path) => path !== '');
  } catch {
    return undefined; // an unpacked archive, or git does not trust this owner
  }
}

describe('tracked files', () => {
  const files = trackedFiles();
  const skip = files === undefined ? 'git does not know this folder' : false;

  it("name no path of a developer's machine", { skip }, () => {
    const found = (files ?? []).flatMap((path) => {
      if (path === 'test/no-leaks.test.ts') return [];
      const full = join(ROOT, path);
      const stat = lstatSync(full, { throwIfNoEntry: false });
      if (!stat?.isFile() || stat.size > 4 << 20) return [];
      const text = readFileSync(full, 'latin1');
      if (text.includes('\0')) return [];
      return text
        .split('\n')
        .flatMap((line, index) =>
          MACHINE_PATHS.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
        );
    });
    assert.deepEqual(found, []);
  });

  it('hold nothing that is built or installed', { skip }, () => {
    assert.deepEqual(
      (files ?? []).filter((path) => /(^|\/)(node_modules|build|\.cache|coverage)\//.test(path)),
      [],
    );
  });
});

describe('the lock file', () => {
  it('names no host of a registry: npm asks the one that is configured', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    assert.deepEqual(lock.match(/"resolved":\s*"[^"]+"/g) ?? [], []);
  });

  it('pins exact versions of what package.json names', () => {
    const pkg = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = { ...pkg.dependencies, ...pkg.devDependencies, ...pkg.optionalDependencies };
    assert.deepEqual(
      Object.entries(named).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version))),
      [],
    );
  });
});
