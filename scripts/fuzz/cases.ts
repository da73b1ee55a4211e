/** The thread that runs the cases of one reader: tells by shared memory where it is, so that a hang can be told. */
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Read } from './document.ts';
import { fuzzed } from './fuzzed.ts';
import { randomFrom } from './mutate.ts';

/** What the thread gets: cases `from` up to `to`, and where it writes the number of the case that it is at. */
export interface CaseJob {
  readonly reader: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly at: SharedArrayBuffer;
  readonly maxBuffers: number;
}

/** What it says in the end, or of a case that failed. */
export interface CaseAnswer {
  readonly failed?: { readonly at: number; readonly reason: string };
  readonly done?: {
    readonly slowest: number;
    readonly packages: number;
    readonly problems: number;
    readonly silent: number;
  };
}

const { reader, seed, from, to, at, maxBuffers } = workerData as CaseJob;
const progress = new Int32Array(at);
const say = (answer: CaseAnswer): void => parentPort!.postMessage(answer);

const { damage, read } = fuzzed(reader);
let slowest = 0;
const counts = { packages: 0, problems: 0, silent: 0 };
for (let number = from; number < to; number++) {
  Atomics.store(progress, 0, number);
  const random = randomFrom(Math.imul(seed, 0x01000193) ^ number);
  const bytes = damage(random);
  const start = performance.now();
  try {
    const done = read(bytes);
    count(done instanceof Promise ? await done : done);
  } catch (error) {
    say({
      failed: { at: number, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    });
  }
  slowest = Math.max(slowest, performance.now() - start);
  if (number % 64 !== 0) continue;
  await setImmediate(); // as between the entries of a layer: zlib lets go of its memory only then
  if (process.memoryUsage().arrayBuffers > maxBuffers) {
    say({ failed: { at: number, reason: `more than ${maxBuffers} bytes of buffers` } });
  }
}
say({ done: { slowest, ...counts } });

function count({ records, problems }: Read): void {
  counts.packages += records;
  counts.problems += problems;
  if (records + problems === 0) counts.silent += 1;
}
