import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { garbageCollector } from './free-memory.ts';

it('gives the memory of pieces back that were read', async () => {
  const garbage = garbageCollector();
  const pieces = 400;
  const size = 64 * 1024;
  // A layer, and the same layer once more from its start.
  for (let pass = 0; pass < 2; pass++) {
    for (let piece = 1; piece <= pieces; piece++) {
      Buffer.allocUnsafeSlow(size).fill(1);
      garbage.received(piece * size);
      if (piece % 50 === 0) await turn();
    }
    assert.ok(process.memoryUsage().arrayBuffers < (pieces * size) / 2, 'most of it is still held');
  }
});
