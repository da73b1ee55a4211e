/** What is left behind: processes of a data directory, and files. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether `processesOf` can tell: it reads /proc. */
export const canListProcesses = process.platform === 'linux';

/** The commands that name `folder` or work in it. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
          ? [`${pid} ${command}`]
          : [];
      } catch {
        return []; // gone meanwhile
      }
    });
}

/** Waits for the last process of `folder` to end; gives those that are left after a minute. */
export async function processesLeft(folder: string): Promise<string[]> {
  for (let i = 0; i < 600 && processesOf(folder).length > 0; i++) await sleep(100);
  return processesOf(folder);
}
