/** Profiles of this process by V8's inspector: processor time, and what is allocated. */
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.ts';

/** `cpu`: a `.cpuprofile`; `heap`: a `.heapprofile` of what was allocated meanwhile and is still held. */
export type ProfileKind = 'cpu' | 'heap';

/** A profile that is being taken; to be disposed of in any case. */
export interface Recording extends Disposable {
  /** Ends it: the JSON that Chrome's DevTools and speedscope read. */
  stop(): Promise<string>;
}

/** Microseconds between two samples: 1 kHz costs a few per cent. */
const CPU_INTERVAL = 1000;
/** Bytes between two samples. */
const HEAP_INTERVAL = 64 * 1024;

/** Begins a profile. */
export async function startProfile(kind: ProfileKind): Promise<Recording> {
  const session = new Session();
  session.connect();
  try {
    if (kind === 'cpu') {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: CPU_INTERVAL });
      await session.post('Profiler.start');
    } else {
      await session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_INTERVAL });
    }
  } catch (error) {
    session.disconnect();
    throw error;
  }
  return {
    async stop() {
      const { profile } =
        kind === 'cpu'
          ? await session.post('Profiler.stop')
          : await session.post('HeapProfiler.stopSampling');
      return JSON.stringify(profile);
    },
    [Symbol.dispose]: () => session.disconnect(),
  };
}

/** Takes one profile after the other. */
export interface Profiler {
  /** Throws `too-many-requests` while another one is being taken, or the signal's reason. */
  take(kind: ProfileKind, seconds: number, signal: AbortSignal): Promise<string>;
  /** Keeps others out while `task` runs. */
  alone<T>(task: () => Promise<T>): Promise<T>;
}

export function createProfiler(): Profiler {
  let busy = false;
  async function alone<T>(task: () => Promise<T>): Promise<T> {
    if (busy) throw new AppError('too-many-requests', 'another profile is being taken. Retry later');
    busy = true;
    try {
      return await task();
    } finally {
      busy = false;
    }
  }
  return {
    alone,
    take: (kind, seconds, signal) =>
      alone(async () => {
        using recording = await startProfile(kind);
        await sleep(1000 * seconds, undefined, { signal });
        return await recording.stop();
      }),
  };
}
