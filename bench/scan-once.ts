/** One scan by clairctl in a data directory of its own: CPU, wall time and memory of all that it starts, the database included. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../test/imports.ts';
import { type Cost, clusterCpu, costOfCommand, cpuOf, parentOf, parents, postmasterIn } from './measure.ts';

const CLAIRCTL = [process.execPath, join(ROOT, 'bin', 'clairctl.mjs')] as const;
/** ms between two looks at memory. */
const LOOK = 50;

const made = new Set<string>();
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Files that tell what one costs. */
const PROBES = 100;

/**
 * A folder for data directories, which is removed when this process ends. Not earlier, and where files are cheap: where thousands were
 * deleted in the last minutes, ext4 without a journal takes up to 1 ms of CPU to make each new one, and a cluster has 1,300. Users do
 * not scan next to what they have just deleted.
 */
export function scanFolder(): string {
  const build = join(ROOT, 'build', 'bench');
  mkdirSync(build, { recursive: true });
  const places = [build, tmpdir(), '/var/tmp'].map((parent) => {
    const folder = mkdtempSync(join(parent, 'clair-bench-'));
    made.add(folder);
    return { folder, cost: costOfFiles(folder) };
  });
  const { folder, cost } = places.reduce((best, each) => (each.cost < best.cost ? each : best));
  console.log(`# a new file costs ${Math.round((1e6 * cost) / PROBES)} µs of CPU in ${folder}`);
  return folder;
}

/** Seconds of CPU. They stay: deleted ones would cost those that come next. */
function costOfFiles(folder: string): number {
  const before = process.cpuUsage();
  for (let n = 0; n < PROBES; n++) writeFileSync(join(folder, `probe-${n}`), '');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Scans `image` with the data directory `folder`/data; the server stays for `linger`. By a shell, as exit code 3 (nothing was
 * checked: no feed is loaded) is what is expected. Throws at any other.
 */
export async function scan(image: string, folder: string, linger: string): Promise<Cost> {
  const flags = ['--update', 'never', '--data-dir', join(folder, 'data'), '--db-linger', linger];
  const command = '"$@" >/dev/null 2>&1; [ $? = 3 ]';
  const before = databaseCpu(folder);
  const { cpu, wall } = await costOfCommand('sh', [
    '-c',
    command,
    'sh',
    ...CLAIRCTL,
    'scan',
    ...flags,
    image,
  ]);
  // Without a server that stays, what it took is in the account of the command that waited for it.
  return { cpu: cpu + Math.max(0, databaseCpu(folder) - before), wall };
}

/** The same, with the most memory that all processes took together, in MB. */
export async function scanWithMemory(
  image: string,
  folder: string,
): Promise<Cost & { readonly memory: number }> {
  const ended = new AbortController();
  const memory = watchMemory(folder, ended.signal);
  try {
    const cost = await scan(image, folder, '10m');
    ended.abort();
    return { ...cost, memory: await memory };
  } finally {
    ended.abort();
  }
}

/** Seconds of CPU of the server that lingers in `folder`, and of its keeper, since they started. */
function databaseCpu(folder: string): number {
  const server = postmasterIn(join(folder, 'data'));
  if (server === undefined) return 0;
  return cpuOf(parentOf(server)).own + clusterCpu(server);
}

/** Looks until `ended`. Of pages that processes share, each counts its part (PSS). */
async function watchMemory(folder: string, ended: AbortSignal): Promise<number> {
  let most = 0;
  while (!ended.aborted) {
    const server = postmasterIn(join(folder, 'data'));
    const all = parents();
    const roots = new Set([process.pid, ...(server === undefined ? [] : [all.get(server)])]);
    let sum = 0;
    for (const pid of all.keys()) if (descends(pid, all, roots)) sum += sharedMemory(pid);
    most = Math.max(most, sum);
    await sleep(LOOK);
  }
  return most;
}

/** Whether one of `roots` started `pid`; the keeper of the server counts itself, this process does not. */
function descends(
  pid: number,
  all: ReadonlyMap<number, number>,
  roots: ReadonlySet<number | undefined>,
): boolean {
  if (pid === process.pid) return false;
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = all.get(at))
    if (roots.has(at)) return true;
  return false;
}

function sharedMemory(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return (Number(/^Pss:\s*(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0; // it ended meanwhile
  }
}
