/** For tests: how the work for an input grows with its size, told in the processor's time of one and the same run. */
import assert from 'node:assert/strict';

const TIMES = 8;
/** Less than this many milliseconds the system's clock does not tell. */
const CLOCK = 20;

/**
 * Throws if `work` for eight times `size` costs far more than eight times as much: with the square it would be 64 times.
 * What else the machine does slows both, and so decides nothing.
 */
export function assertNoSquare(work: (size: number) => unknown, size: number): void {
  work(size); // compiled, and what is read once is read
  const small = leastCost(() => work(size));
  const large = leastCost(() => work(size * TIMES));
  const most = Math.max(small, CLOCK) * TIMES * 4;
  assert.ok(large < most, `${large} ms for ${TIMES} times what took ${small} ms`);
}

/** Milliseconds of user time, the least of three runs. */
function leastCost(work: () => unknown): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage();
      work();
      return process.cpuUsage(before).user / 1000;
    }),
  );
}
