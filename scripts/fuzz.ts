/**
 * Gives each reader of packages, documents and feeds many damaged files, and tells of every case that crashes, hangs or takes more memory than
 * it may. A case is known by its reader, seed and number.
 *
 *     node scripts/node24.mjs scripts/fuzz.ts [--cases N] [--seed N] [--from N] [READER…]
 *
 * `readers` are all those of the law that what is damaged is read whole or told (fuzz/law).
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { CaseAnswer, CaseJob } from './fuzz/cases.ts';
import { GROUPS, NAMES } from './fuzz/fuzzed.ts';

const MIB = 1024 * 1024;
/** Seconds for one case. The machine may be busy: a hang is far more. */
const MAX_SECONDS = 20;
/** In place of a case, until the thread has loaded what it needs: on a busy machine that is no hang. */
const NOT_BEGUN = -1;
/** Of a thread: its heap, and its buffers. */
const MAX_HEAP_MB = 256;
const MAX_BUFFERS = 384 * MIB;
/** Failures of one thread that are told. */
const MAX_TOLD = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});
const names = positionals.length > 0 ? positionals.flatMap((name) => GROUPS[name] ?? name) : NAMES;
const unknown = names.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`no reader is called ${unknown.join(', ')}: there are ${NAMES.join(', ')}`);
  process.exit(2);
}
const [cases, seed, first] = [values.cases, values.seed, values.from].map(Number) as [number, number, number];
let failures = 0;
for (const name of names) {
  const start = performance.now();
  const { slowest, packages, problems, silent } = await fuzz(name);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${name}: ${cases} cases in ${seconds} s, slowest ${slowest.toFixed(0)} ms; ${packages} packages, ${problems} problems, ${silent} cases without either`,
  );
}
console.log(failures === 0 ? 'no failures' : `${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;

async function fuzz(reader: string): Promise<Required<CaseAnswer>['done']> {
  const total = { slowest: 0, packages: 0, problems: 0, silent: 0 };
  for (let from = first; from < first + cases; ) {
    const { next, done } = await runFrom(reader, from);
    from = next;
    if (done === undefined) continue;
    total.slowest = Math.max(total.slowest, done.slowest);
    total.packages += done.packages;
    total.problems += done.problems;
    total.silent += done.silent;
  }
  return total;
}

/** Runs cases in a thread until they are done, or until one of them ends the thread. */
function runFrom(
  reader: string,
  from: number,
): Promise<{ next: number; done: CaseAnswer['done'] | undefined }> {
  const at = new SharedArrayBuffer(4);
  const to = first + cases;
  const job: CaseJob = { reader, seed, from, to, at, maxBuffers: MAX_BUFFERS };
  const worker = new Worker(new URL('./fuzz/cases.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const progress = new Int32Array(at).fill(NOT_BEGUN);
  let done: CaseAnswer['done'];
  let last = NOT_BEGUN;
  let told = 0;
  let giveUp = false;
  let since = performance.now();
  const tell = (number: number, reason: string): void => {
    failures += 1;
    if (++told === MAX_TOLD) {
      console.log(`${reader}: stopped after ${MAX_TOLD} failures`);
      void worker.terminate();
      giveUp = true;
    }
    if (told > MAX_TOLD) return;
    console.log(`FAILED ${reader} --seed ${seed} --from ${number} --cases 1: ${reason}`);
  };
  return new Promise((resolve) => {
    const watchdog = setInterval(() => {
      const number = Atomics.load(progress, 0);
      if (number !== last || number === NOT_BEGUN) [last, since] = [number, performance.now()];
      if (performance.now() - since < MAX_SECONDS * 1000) return;
      tell(number, `not done after ${MAX_SECONDS} s`);
      void worker.terminate();
    }, 500);
    worker.on('message', (answer: CaseAnswer) => {
      if (answer.failed) tell(answer.failed.at, answer.failed.reason);
      done = answer.done ?? done;
    });
    worker.on('error', (error) =>
      tell(Math.max(Atomics.load(progress, 0), from), `ended the thread: ${error.message}`),
    );
    worker.on('exit', () => {
      clearInterval(watchdog);
      if (giveUp || done !== undefined) resolve({ next: to, done });
      else resolve({ next: Math.max(Atomics.load(progress, 0), from) + 1, done });
    });
  });
}
