/** `-cpuprofile` and `-memprofile`: profiles of the whole run, written when it ends. */
import { open } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { type ProfileKind, startProfile } from './profiler.ts';

export interface ProfileFiles {
  readonly cpuprofile?: string | undefined;
  readonly memprofile?: string | undefined;
}

/** Records until disposed. Throws `bad-config` if a file cannot be written. */
export async function recordProfiles(
  { cpuprofile, memprofile }: ProfileFiles,
  log: Log,
): Promise<AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  if (cpuprofile !== undefined) resources.use(await record('cpu', cpuprofile, log));
  if (memprofile !== undefined) resources.use(await record('heap', memprofile, log));
  return resources.move();
}

async function record(kind: ProfileKind, path: string, log: Log): Promise<AsyncDisposable> {
  // Opened first: who cannot write should know now, not after a day.
  const file = await open(path, 'w').catch((cause: unknown) => {
    throw new AppError('bad-config', `cannot write the profile: ${messageOf(cause)}`, { cause });
  });
  const recording = await startProfile(kind);
  return {
    async [Symbol.asyncDispose]() {
      try {
        await file.writeFile(await recording.stop());
      } catch (error) {
        log.error('the profile could not be written', { path, reason: messageOf(error) });
      } finally {
        recording[Symbol.dispose]();
        await file.close();
      }
    },
  };
}
