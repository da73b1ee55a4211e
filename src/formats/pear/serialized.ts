/** Values as PHP's `serialize` writes them (php.net/serialize), as far as data files have them: no objects, no references. */

/** A list is a map as well, by its numbers. */
export type PhpValue = string | number | boolean | null | ReadonlyMap<string | number, PhpValue>;

const MAX_DEPTH = 64;
const MAX_VALUES = 500_000;

const HEAD = /^(?:N;|b:([01]);|i:([+-]?\d{1,20});|d:([^;\n]{1,40});|s:(\d{1,10}):"|a:(\d{1,10}):\{)/;
/** Characters that the head of a value can have. */
const HEAD_LENGTH = 64;

/** The value that `bytes` are. Throws where they are none, or hold too many. */
export function readSerialized(bytes: Buffer): PhpValue {
  let [at, left] = [0, MAX_VALUES];

  function value(depth: number): PhpValue {
    if (--left < 0) throw new Error(`more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw new Error(`values deeper than ${MAX_DEPTH}`);
    const found = HEAD.exec(bytes.toString('latin1', at, at + HEAD_LENGTH));
    if (found === null) throw new Error(`no value at byte ${at}`);
    const [head, boolean, integer, float, length, count] = found;
    at += head.length;
    if (length !== undefined) return text(Number(length));
    if (count !== undefined) return map(Number(count), depth);
    if (boolean !== undefined) return boolean === '1';
    const number = integer ?? float;
    return number === undefined ? null : Number(number);
  }

  /** Its length is in bytes. */
  function text(length: number): string {
    const end = at + length;
    if (bytes.toString('latin1', end, end + 2) !== '";') throw new Error(`a text at byte ${at} has no end`);
    const read = bytes.toString('utf8', at, end);
    at = end + 2;
    return read;
  }

  function map(count: number, depth: number): PhpValue {
    const read = new Map<string | number, PhpValue>();
    for (let index = 0; index < count; index++) {
      const key = value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new Error(`a key before byte ${at} is none`);
      read.set(key, value(depth + 1));
    }
    if (bytes[at] !== 0x7d) throw new Error(`an array has no end at byte ${at}`);
    at++;
    return read;
  }

  const read = value(0);
  if (at < bytes.length) throw new Error(`something follows the value at byte ${at}`);
  return read;
}
