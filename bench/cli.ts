/** What a scan costs by the command line, with its database: new, known, and known where no server lingers. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../test/imports.ts';
import type { Bench } from './figures.ts';
import { type Cost, costOfCommand, median } from './measure.ts';
import { scan, scanFolder } from './scan-once.ts';

const ROUNDS = 7;
/** Starts of Node that are measured together: one takes little more than a tick of the clock that counts CPU time. */
const STARTS = 10;
/**
 * The ratios to a start of Node that must not be exceeded. Nearly twice what was measured (12, and 33, or 70 in the first data
 * directory of an installation): they are for what makes a scan do other things than before, not for what makes it a little slower.
 */
const MOST = { known: 20, new: 120 };

export const benchCli: Bench = async (report) => {
  const script = join(ROOT, 'scripts', 'build-example-image.mjs');
  const image = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim().split('\n').at(-1)!;
  const folder = scanFolder();
  const run = (linger: string): Promise<Cost> => scan(image, folder, linger);
  try {
    const first = await run('10m');
    report('new_cpu', first.cpu, 's');
    report('new_wall', first.wall, 's');
    const known: Cost[] = [];
    const starts: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      known.push(await run('10m'));
      starts.push((await startNode()) / STARTS);
    }
    const cpu = median(known.map((each) => each.cpu));
    report('known_cpu', cpu, 's');
    report('known_wall', median(known.map(({ wall }) => wall)), 's');
    // The yardstick: a Node that does nothing.
    report('node_cpu', median(starts), 's');
    report('known_ratio', cpu / median(starts), 'x', MOST.known);
    report('new_ratio', first.cpu / median(starts), 'x', MOST.new);
    await run('0');
    const alone = [];
    for (let round = 0; round < ROUNDS; round++) alone.push((await run('0')).wall);
    report('known_without_linger_wall', median(alone), 's');
  } finally {
    await run('0').catch(() => {}); // nothing stays behind
  }
};

async function startNode(): Promise<number> {
  const loop = `for i in ${Array.from({ length: STARTS }, (_, i) => i).join(' ')}; do "$0" -e 0; done`;
  return (await costOfCommand('sh', ['-c', loop, process.execPath])).cpu;
}
