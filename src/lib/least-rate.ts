/** A body that comes too slowly is given up: a server that sends a byte a second would keep its reader for hours. */

import { AppError } from '../errors.ts';

export interface LeastRate {
  /** So many bytes must come … */
  readonly bytes: number;
  /** … in so many ms of waiting for them. */
  readonly ms: number;
}

/** 1 KiB a second, seen over a minute: the slowest line that anybody still has is faster. */
const LEAST_RATE: LeastRate = { bytes: 60 * 1024, ms: 60_000 };

/**
 * `chunks` as they come; throws `feed`, naming `what`, if they come more slowly than `least`. Only the time that is
 * spent waiting for them counts, not that of the reader.
 */
export async function* atLeast(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  least: LeastRate = LEAST_RATE,
  now: () => number = () => performance.now(),
): AsyncGenerator<Uint8Array, void, void> {
  let waited = 0;
  let bytes = 0;
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const start = now();
      const next = await source.next();
      if (next.done) return;
      waited += now() - start;
      bytes += next.value.length;
      if (waited >= least.ms) {
        if (bytes < least.bytes)
          throw new AppError(
            'feed',
            `${what}: only ${bytes} bytes received in ${Math.round(waited / 1000)} s: too slow`,
          );
        waited = 0;
        bytes = 0;
      }
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}
