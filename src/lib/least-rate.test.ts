import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { atLeast } from './least-rate.ts';

const LEAST = { bytes: 100, ms: 10 };

/** What comes through of chunks with a time before each, and how many were given when it ended. */
async function read(chunks: readonly (readonly [ms: number, bytes: number])[], readerMs = 0) {
  let clock = 0;
  let closed = false;
  async function* source() {
    try {
      for (const [ms, bytes] of chunks) {
        clock += ms;
        yield Buffer.alloc(bytes);
      }
    } finally {
      closed = true;
    }
  }
  let total = 0;
  let error = '';
  try {
    for await (const chunk of atLeast(source(), 'it', LEAST, () => clock)) {
      total += chunk.length;
      clock += readerMs;
    }
  } catch (reason) {
    error = (reason as Error).message;
  }
  assert.ok(closed, 'the source is closed, however it ends');
  return { total, error };
}

describe('the least rate of a body', () => {
  const cases: [what: string, chunks: [number, number][], readerMs: number, isSlow: boolean][] = [
    ['a short body, however slow', [[9, 1]], 0, false],
    ['a trickle', Array(20).fill([1, 1]), 0, true],
    ['a trickle after a good start', [[1, 100_000], ...Array(40).fill([1, 1])], 0, true],
    ['what comes as fast as it must', Array(50).fill([1, 10]), 0, false],
    ['a slow reader', Array(50).fill([0.1, 10]), 1000, false],
    [
      'one long pause in a good body',
      [
        [1, 1000],
        [8, 1000],
        [1, 1000],
      ],
      0,
      false,
    ],
  ];
  for (const [what, chunks, readerMs, isSlow] of cases) {
    it(`${isSlow ? 'ends' : 'lets through'} ${what}`, async () => {
      const { total, error } = await read(chunks, readerMs);
      if (isSlow) assert.match(error, /^it: only \d+ bytes received .*too slow/);
      else assert.deepEqual([total, error], [chunks.reduce((sum, [, bytes]) => sum + bytes, 0), '']);
    });
  }

  it('holds nobody for longer than two windows at under half the rate', async () => {
    const chunk = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 }));
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { minLength: 20, maxLength: 60 }), async (chunks) => {
        const { total, error } = await read(chunks);
        assert.notEqual(error, '');
        assert.ok(total < 2 * LEAST.bytes);
      }),
    );
  });
});
