/** Containers as deploy/compose runs them, on the host's network: podman without systemd and without bridges. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const GLOBAL = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--storage-driver', 'vfs'];
const LIMITS = ['--network', 'host', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const LOCKED = [
  ...['--read-only', '--read-only-tmpfs=false', '--tmpfs', '/tmp', '--cap-drop', 'ALL'],
  ...['--security-opt', 'no-new-privileges'],
];

export const IMAGE = 'localhost/clair:latest';
export const CTL_IMAGE = 'localhost/clairctl:latest';

/** Whether podman and the image are there. */
export function hasImage(name: string): boolean {
  return spawnSync('podman', [...GLOBAL, 'image', 'exists', name]).status === 0;
}

/** Its stdout. Throws with its stderr. */
export async function podman(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('podman', [...GLOBAL, ...args], { maxBuffer: 1 << 26 });
  return stdout;
}

/** Arguments of `podman run` for an ordinary user with a read-only root. */
export const runArguments = (...more: string[]): string[] => ['run', ...LIMITS, ...LOCKED, ...more];

/** Bytes that the first process of a container has in memory, and what it is. */
export async function processOf(name: string): Promise<{ command: string; uid: number; resident: number }> {
  const pid = (await podman('inspect', '--format', '{{.State.Pid}}', name)).trim();
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    uid: number('Uid'),
    resident: number('VmRSS') * 1024,
  };
}
