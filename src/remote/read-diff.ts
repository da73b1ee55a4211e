/** Reads the two lists of an update_diff as they arrive: the whole may be larger than the memory. */
import { AppError } from '../errors.ts';

export interface DiffMember {
  readonly list: 'added' | 'removed';
  readonly value: Readonly<Record<string, unknown>>;
}

/** Of one vulnerability, in bytes. */
const MAX_MEMBER = 16 * 1024 * 1024;
/** Of all else, which is two operations. */
const MAX_REST = 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Throws `service-answer` for what is no such answer, `service` if it ends early. */
export async function* readDiff(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<DiffMember> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let rest = 0;
  let list: string | undefined; // whose members are being read
  let key = ''; // the string that was read last at depth 1
  let parts: Uint8Array[] = []; // of the member or key that began in earlier pieces
  let length = 0;
  let isKept = false;
  let isDone = false;

  for await (const piece of pieces) {
    let start = 0;
    const keep = (end: number): void => {
      length += end - start;
      if (length > MAX_MEMBER) throw broken(`a vulnerability is longer than ${MAX_MEMBER} bytes`);
      parts.push(piece.subarray(start, end));
    };
    const taken = (end: number): string => {
      keep(end);
      const text = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      isKept = false;
      return text;
    };
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (list === undefined && ++rest > MAX_REST)
        throw broken('the content outside its lists exceeds the limit');
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (depth === 1 && isKept) key = parse<string>(taken(at + 1));
        }
      } else if (byte === QUOTE) {
        inString = true;
        if (depth === 1) [isKept, start] = [true, at];
      } else if (OPEN.has(byte)) {
        depth++;
        if (depth === 2) list = byte === 0x5b ? key : undefined;
        if (depth === 3 && list !== undefined) [isKept, start] = [true, at];
      } else if (CLOSE.has(byte)) {
        depth--;
        if (depth === 2 && isKept) {
          const value = parse<DiffMember['value']>(taken(at + 1));
          if (list === 'added' || list === 'removed') yield { list, value };
        }
        if (depth === 1) list = undefined;
        if (depth === 0) isDone = true;
        if (depth < 0) throw broken('it has more closing brackets than opening ones');
      }
    }
    if (isKept) keep(piece.length);
  }
  if (!isDone || depth !== 0) throw broken('it ends early', undefined, 'service');
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw broken('it is not valid JSON', cause);
  }
}

/** What ends early may be whole the next time. */
function broken(
  why: string,
  cause?: unknown,
  code: 'service' | 'service-answer' = 'service-answer',
): AppError {
  return new AppError(code, `the matcher answered update_diff with what cannot be read: ${why}`, {
    cause,
  });
}
