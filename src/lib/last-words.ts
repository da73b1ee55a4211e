/** The last line of defence: what no code caught is told, with its cause, and ends the process with a code of its own. */

/** "Internal software error" of sysexits(3): no other outcome has it. */
const UNCAUGHT = 70;

/** What is told of an error that nobody caught. */
export interface LastWords {
  readonly reason: string;
  /** `uncaughtException`, or `unhandledRejection`: of a promise that nobody waits for. */
  readonly origin: string;
  /** Stacks of the error and of all that caused it, the first one first. */
  readonly causes: readonly string[];
}

/** Causes may form a ring. */
const DEEPEST = 10;

/**
 * Calls `tell` once, then ends the process, whatever `tell` does. What state the process is in is not known any more:
 * whoever supervises it starts another one, and all work is leased or idempotent.
 */
export function tellLastWords(tell: (words: LastWords) => void): Disposable {
  const listener = (error: unknown, origin: string): void => {
    try {
      tell({ reason: lineOf(error), origin, causes: causesOf(error) });
    } finally {
      process.exit(UNCAUGHT);
    }
  };
  // Node raises rejections that nobody handles as uncaught exceptions.
  process.on('uncaughtException', listener);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', listener) };
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let each = error; each !== undefined && causes.length < DEEPEST; ) {
    causes.push(each instanceof Error ? (each.stack ?? lineOf(each)) : lineOf(each));
    each = each instanceof Error ? each.cause : undefined;
  }
  return causes;
}

function lineOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'something that has no text';
  }
}
