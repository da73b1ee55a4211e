import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { garbageCollector } from './free-memory.ts';

it('gives the memory of pieces back that were read', async () => {
  const garbage = garbageCollector();
  const pieces = 400;
  const size = 64 * 1024;
  for (let piece = 1; piece <= pieces; piece++) {
    Buffer.allocUnsafeSlow(size).fill(1);
    garbage.received(size);
    if (piece % 50 === 0) await turn();
  }
  assert.ok(process.memoryUsage().arrayBuffers < (pieces * size) / 2, 'most of it is still held');
});
