/** The lines of a text that may be anything. */

export interface LineRange {
  /** From 1. */
  readonly line: number;
  /** Where it is in the bytes, without what ends it. */
  readonly start: number;
  readonly end: number;
}

/** The text databases that packages are listed in: that of a big desktop has 10 MiB. */
export const MOST_TEXT = 32 * 1024 * 1024;

/** Packages in one: a distribution has fewer. */
export const MOST_PACKAGES = 100_000;

/** Lines of one. */
const MOST_LINES = 5_000_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** All lines, the last one also if nothing ends it. Throws after `most`. */
export function* linesIn(bytes: Buffer, most = MOST_LINES): Generator<LineRange> {
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    if (line > most) throw new RangeError(`the lines after the first ${most} are not read`);
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline < 0 ? bytes.length : newline;
    yield { line, start, end: next > start && bytes[next - 1] === RETURN ? next - 1 : next };
    start = next + 1;
  }
}

/** What is told of a file whose last line nothing ends: programs that write such files end each, so it was cut. */
export const CUT_IN_LINE = 'it ends in the middle of a line: what follows is missing';

/** Whether the last line of `bytes` has no end. */
export function endsInLine(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.at(-1) !== NEWLINE;
}

/** The same as texts. */
export function* textLines(bytes: Buffer, most = MOST_LINES): Generator<string> {
  for (const { start, end } of linesIn(bytes, most)) yield bytes.toString('utf8', start, end);
}
