import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { idleMeter } from './idle-cpus.ts';

describe('the meter of idle CPUs', () => {
  it('tells of at most all of them', async () => {
    const idle = idleMeter();
    await sleep(50); // the system counts in 10 ms
    const [first, second] = [idle(), idle()];
    assert.ok(first >= 0 && first <= cpus().length, `${first}`);
    // Nothing may have been counted since: then the system does not tell.
    assert.ok(second >= 0);
  });
});
