/** What a command or a running process costs: processor time, wall time and memory (Linux: read from /proc). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Seconds of processor time (user and system, all threads) and of wall time. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on
const TICKS = 100;

/** Seconds of processor time of a process, and of its children that it has waited for (proc_pid_stat(5), fields 14 to 17). */
export function cpuOf(pid: number | 'self'): { own: number; children: number } {
  return cpuIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function cpuIn(stat: string): { own: number; children: number } {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { own: (fields[11]! + fields[12]!) / TICKS, children: (fields[13]! + fields[14]!) / TICKS };
}

/** What a shell tells of itself at its end: of its children, which are the command. */
const TOLD = '"$@" 3>&-; code=$?; read -r stat </proc/$$/stat; echo "$stat" >&3; exit $code';

/** Runs a command with all that it starts and waits for. Throws if it fails. */
export async function costOfCommand(program: string, args: readonly string[]): Promise<Cost> {
  const start = performance.now();
  const child = spawn('sh', ['-c', TOLD, 'sh', program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const [stat, [code]] = await Promise.all([
    text(child.stdio[3] as Readable),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { cpu: cpuIn(stat).children, wall: (performance.now() - start) / 1000 };
}

/** What process `pid` spends while `work` runs. */
export async function costOfProcess(pid: number, work: () => Promise<unknown>): Promise<Cost> {
  const before = cpuOf(pid).own;
  const start = performance.now();
  await work();
  return { cpu: cpuOf(pid).own - before, wall: (performance.now() - start) / 1000 };
}

/** The most memory that process `pid` ever had resident, in MB. */
export function peakMemory(pid: number): number {
  return (Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
}

/** The number of the server that runs in the data directory `folder` of clairctl or of the embedded database; undefined: none does. */
export function postmasterIn(folder: string): number | undefined {
  try {
    return Number(readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

/** Seconds of CPU of a PostgreSQL server. The postmaster waits for its children: what ended is in its account. */
export function clusterCpu(postmaster: number): number {
  const { own, children } = cpuOf(postmaster);
  let sum = own + children;
  for (const [pid, parent] of parents()) {
    try {
      if (parent === postmaster) sum += cpuOf(pid).own;
    } catch {} // it ended meanwhile
  }
  return sum;
}

/** Process -> its parent, of all processes. */
export function parents(): Map<number, number> {
  const all = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      all.set(Number(name), parentOf(Number(name)));
    } catch {} // it ended meanwhile
  }
  return all;
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which a fraction of `values` lies. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}
