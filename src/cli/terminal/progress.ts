/** Progress on stderr: one line that is written over, only where somebody is looking. */
import { printable } from './printable.ts';

export interface Progress {
  /** Replaces what is shown. */
  show(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** Takes away what is shown. */
  clear(): void;
}

const INTERVAL = 100; // ms between two paintings

/** Shows nothing when `quiet`; only lines that stay when `stream` is no terminal, or `wanted` is false. */
export function createProgress(stream: NodeJS.WriteStream, quiet: boolean, wanted = true): Progress {
  const live = stream.isTTY === true && !quiet && wanted;
  let painted = 0;
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write('\r\x1b[K');
    shown = false;
  };
  return {
    show(text) {
      const now = Date.now();
      if (!live || now - painted < INTERVAL) return;
      painted = now;
      shown = true;
      stream.write(`\r\x1b[K${printable(text).slice(0, (stream.columns ?? 80) - 1)}`);
    },
    note(text) {
      if (quiet) return;
      clear();
      stream.write(`${printable(text)}\n`);
    },
    clear,
  };
}
