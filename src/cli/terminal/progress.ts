/** Progress on stderr: one line that is written over where somebody is looking, else a line now and then. */
import { printable } from './printable.ts';

export interface Progress {
  /** Replaces what is shown. */
  show(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** Takes away what is shown. */
  clear(): void;
}

/** `plain`: lines that stay, also on a terminal. */
export type ProgressStyle = 'auto' | 'plain' | false;

/** What progress is measured by. */
export interface ProgressClock {
  now(): number;
  /** Calls `tick` every `ms` until the result is called; must not keep the process. */
  every(ms: number, tick: () => void): () => void;
}

/** ms between two paintings. */
const INTERVAL = 100;
/** ms after which a line is painted again, that somebody sees that it is still going on. */
const TICK = 1000;
/** ms between two lines that stay. */
const LINES = 10_000;

const CLOCK: ProgressClock = {
  now: () => Date.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Nothing at all when `quiet`; of `style` false only notes. */
export function createProgress(
  stream: NodeJS.WriteStream,
  quiet: boolean,
  style: ProgressStyle = 'auto',
  clock: ProgressClock = CLOCK,
): Progress {
  const note = (text: string): void => {
    if (!quiet) stream.write(`${printable(text)}\n`);
  };
  if (quiet || style === false) return { show() {}, note, clear() {} };
  return stream.isTTY === true && style !== 'plain'
    ? liveProgress(stream, note, clock)
    : plainProgress(stream, note, { clock, atOnce: style === 'plain' });
}

function liveProgress(stream: NodeJS.WriteStream, note: Progress['note'], clock: ProgressClock): Progress {
  let painted = 0;
  let current: { readonly text: string; readonly since: number; readonly stop: () => void } | undefined;
  const paint = (): void => {
    if (current === undefined) return;
    painted = clock.now();
    const seconds = Math.floor((painted - current.since) / 1000);
    const text = seconds < 2 ? current.text : `${current.text} (${seconds} s)`;
    stream.write(`\r\x1b[K${printable(text).slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const clear = (): void => {
    if (current === undefined) return;
    current.stop();
    current = undefined;
    stream.write('\r\x1b[K');
  };
  return {
    show(text) {
      const now = clock.now();
      const stop = current?.stop ?? clock.every(TICK, paint);
      const isSame = current?.text === text;
      const isFirst = current === undefined;
      current = { text, since: isSame ? current!.since : now, stop };
      if (isFirst || now - painted >= INTERVAL) paint();
    },
    note(text) {
      clear();
      note(text);
    },
    clear,
  };
}

function plainProgress(
  stream: NodeJS.WriteStream,
  note: Progress['note'],
  { clock, atOnce }: { readonly clock: ProgressClock; readonly atOnce: boolean },
): Progress {
  let current: string | undefined;
  let stop: (() => void) | undefined;
  let written = clock.now() - (atOnce ? LINES : 0);
  const write = (): void => {
    if (current === undefined || clock.now() - written < LINES) return;
    written = clock.now();
    stream.write(`${printable(current)}\n`);
  };
  return {
    show(text) {
      current = text;
      stop ??= clock.every(TICK, write);
      write();
    },
    note,
    clear() {
      stop?.();
      stop = undefined;
      current = undefined;
    },
  };
}
