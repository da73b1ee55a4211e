/** The thread that runs the cases of one reader: tells by shared memory where it is, so that a hang can be told. */
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Detector, Found } from '../../src/ecosystems/contract.ts';
import { mutate, randomFrom } from './mutate.ts';
import { READERS } from './readers.ts';

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

/** Files that packages of the seeds may own. */
const PATHS: ReadonlySet<string> = new Set([
  'bin/busybox',
  'lib/ld-musl-x86_64.so.1',
  'usr/lib/lab/METADATA',
]);

const { reader, seed, from, to, at, maxBuffers } = workerData as CaseJob;
const { detector, path, seeds, wrap = (bytes) => bytes } = READERS[reader]!;
const progress = new Int32Array(at);
const say = (answer: CaseAnswer): void => parentPort!.postMessage(answer);

const files = seeds();
let slowest = 0;
const counts = { packages: 0, problems: 0, silent: 0 };
for (let number = from; number < to; number++) {
  Atomics.store(progress, 0, number);
  const random = randomFrom(Math.imul(seed, 0x01000193) ^ number);
  const bytes = wrap(mutate(files, random));
  const start = performance.now();
  try {
    count(detect(detector, path, bytes));
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

function count(found: readonly Found[]): void {
  const packages = found.filter((item) => item.found === 'package').length;
  const problems = found.filter((item) => item.found === 'problem').length;
  counts.packages += packages;
  counts.problems += problems;
  if (packages + problems === 0) counts.silent += 1;
}

/** All that `detector` says of a layer of this file alone. */
function detect(detector: Detector, path: string, bytes: Buffer): Found[] {
  const entry = { path, size: bytes.length, mode: 0o755, type: 'file' } as const;
  const found: Found[] = [];
  if (detector.inspects?.(entry) && detector.magic?.(bytes.subarray(0, 512))) {
    const file = {
      ...entry,
      read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
      indexOf: (needle: Buffer, from?: number) => bytes.indexOf(needle, from),
    };
    for (const item of detector.inspect!(file, entry)) found.push(item);
  }
  if (detector.read === undefined || !(detector.paths?.includes(path) || detector.wants?.(entry)))
    return found;
  const file = { path, size: bytes.length, mode: 0o644, read: () => bytes };
  const view = {
    files: [file],
    file: (name: string) => (name === path ? file : undefined),
    has: (name: string, type?: string) => name === path && (type === undefined || type === 'file'),
  };
  for (const item of detector.read(view)) found.push(item);
  for (const owned of detector.owns?.(view, PATHS) ?? [])
    if (!PATHS.has(owned)) throw new Error(`owns ${owned}`);
  return found;
}
