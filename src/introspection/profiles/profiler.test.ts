import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProfiler } from './profiler.ts';

describe('createProfiler', () => {
  it('takes one profile at a time, and none for who has left', async () => {
    const profiler = createProfiler();
    const { signal } = new AbortController();
    const first = profiler.take('cpu', 0.05, signal);
    await assert.rejects(profiler.take('heap', 0.01, signal), { code: 'too-many-requests' });
    assert.ok(JSON.parse(await first).nodes.length > 0);
    assert.ok(JSON.parse(await profiler.take('heap', 0.01, signal)).head);
    await assert.rejects(profiler.take('cpu', 60, AbortSignal.timeout(20)));
    assert.ok(JSON.parse(await profiler.take('cpu', 0.01, signal)).nodes);
  });
});
