/** What a scan costs by the command line, with its database: new, known, and known where no server lingers. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../test/imports.ts';
import type { Bench } from './figures.ts';
import { type Cost, costOfCommand, cpuOf, quantile } from './measure.ts';

const ROUNDS = 7;
/** Starts of Node that are measured together: one takes little more than a tick of the clock that counts CPU time. */
const STARTS = 10;
/**
 * The ratios to a start of Node that must not be exceeded. Twice what was measured (12 and 47): they are for what makes a scan do
 * other things than before, not for what makes it a little slower. The first data directory of an installation takes 20 more.
 */
const MOST = { known: 20, new: 120 };
const CLAIRCTL = [process.execPath, join(ROOT, 'bin', 'clairctl.mjs')] as const;

export const benchCli: Bench = async (report) => {
  const script = join(ROOT, 'scripts', 'build-example-image.mjs');
  const image = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim().split('\n').at(-1)!;
  const folder = mkdtempSync(join(tmpdir(), 'clair-bench-'));
  const run = (linger: string): Promise<Cost> => scan(image, folder, linger);
  try {
    const first = await run('10m');
    const firstCpu = first.cpu + databaseCpu(folder);
    report('new_cpu', firstCpu, 's');
    report('new_wall', first.wall, 's');
    const known: Cost[] = [];
    const starts: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = databaseCpu(folder);
      const { cpu, wall } = await run('10m');
      known.push({ cpu: cpu + databaseCpu(folder) - before, wall });
      starts.push((await startNode()) / STARTS);
    }
    const cpu = median(known.map((each) => each.cpu));
    report('known_cpu', cpu, 's');
    report('known_wall', median(known.map(({ wall }) => wall)), 's');
    // The yardstick: a Node that does nothing.
    report('node_cpu', median(starts), 's');
    report('known_ratio', cpu / median(starts), 'x', MOST.known);
    report('new_ratio', firstCpu / median(starts), 'x', MOST.new);
    await run('0');
    const alone = [];
    for (let round = 0; round < ROUNDS; round++) alone.push((await run('0')).wall);
    report('known_without_linger_wall', median(alone), 's');
  } finally {
    await run('0').catch(() => {}); // nothing stays behind
    rmSync(folder, { recursive: true, force: true });
  }
};

async function startNode(): Promise<number> {
  const loop = `for i in ${Array.from({ length: STARTS }, (_, i) => i).join(' ')}; do "$0" -e 0; done`;
  return (await costOfCommand('sh', ['-c', loop, process.execPath])).cpu;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** By a shell, as exit code 3 (nothing was checked: no feed is loaded) is what is expected. */
function scan(image: string, folder: string, linger: string): Promise<Cost> {
  const flags = ['--update', 'never', '--data-dir', join(folder, 'data'), '--db-linger', linger];
  const command = '"$@" >/dev/null 2>&1; [ $? = 3 ]';
  return costOfCommand('sh', ['-c', command, 'sh', ...CLAIRCTL, 'scan', ...flags, image]);
}

/** Seconds of CPU of the server that lingers in `folder`, and of its keeper, since they started. */
function databaseCpu(folder: string): number {
  const file = join(folder, 'data', 'cluster', 'postmaster.pid');
  const server = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const status = readFileSync(`/proc/${server}/status`, 'utf8');
  const keeper = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
  const costs = [cpuOf(server), cpuOf(keeper)];
  return costs.reduce((sum, { own, children }) => sum + own + children, 0);
}
