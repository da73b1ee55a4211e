import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultDataDir } from './data-dir.ts';

describe('data directory', () => {
  const home = join(homedir(), '.local/share/clair');
  for (const [env, uid, want] of [
    [{ CLAIR_DATA_DIR: '/d', XDG_DATA_HOME: '/x' }, 0, '/d'],
    [{ XDG_DATA_HOME: '/x' }, 0, '/var/lib/clair'],
    [{ XDG_DATA_HOME: '/x' }, 1000, '/x/clair'],
    [{ CLAIR_DATA_DIR: '', XDG_DATA_HOME: '' }, 1000, home],
    [{}, undefined, home],
  ] as const) {
    it(`${JSON.stringify(env)} as ${uid} -> ${want}`, () => assert.equal(defaultDataDir(env, uid), want));
  }
});
