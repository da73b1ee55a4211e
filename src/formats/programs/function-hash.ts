/** Hashes of names of functions: the same for what a linker wrote, `(*Type).Method.func1`, and what an advisory says, `Type.Method`. */
import { EMPTY_HASH, finishHash, type HashState, hashBytes, stepA, stepB } from '../../lib/name-filter.ts';
import { withoutModules } from './rust-path.ts';

const [ZERO, NINE] = [0x30, 0x39];
const [DOT, MINUS, STAR, OPEN, CLOSE] = Buffer.from('.-*()');
/** What Go's compiler calls functions within a function: `Do.func1`, `Do.gowrap2`; `init.0` are several of one name. */
const INNER = ['func', 'gowrap', 'deferwrap', ''].map((word) => Buffer.from(word));

/** Returns the hash of `symbol`, `Type.Method` or `Function`, of the package that is imported as `path`; Rust's begin with `::`. */
export function hashOfFunction(path: string, symbol: string): number {
  const bytes = Buffer.from(symbol.startsWith('::') ? withoutModules(symbol) : symbol);
  return hashOfSymbol(bytes, 0, bytes.length, hashOfPackage(path));
}

/** Returns the hash of a class of Java by its name alone, `Outer` of `a.b.Outer$Inner`: build tools move packages to other paths. */
export function hashOfClass(name: string): number {
  const [outer = ''] = name.slice(name.lastIndexOf('.') + 1).split('$', 1);
  const { a, b } = hashBytes(Buffer.from(outer));
  return finishHash(a, b);
}

/** Returns the state of a hash after the package that is imported as `path`. */
export function hashOfPackage(path: string): HashState {
  return hashBytes(Buffer.from(`${path}\0`), EMPTY_HASH);
}

/** Returns the hash of the symbol in `bytes`, as a linker or an advisory writes it, of a package whose state is `from`. */
export function hashOfSymbol(bytes: Uint8Array, start: number, end: number, from: HashState): number {
  let { a, b } = from;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    // `Type.Method-fm` is a method as a value, `Do-range1` the body of a loop over a function.
    if (byte === MINUS || (byte === DOT && isInner(bytes, at + 1, end))) break;
    if (byte === OPEN || byte === CLOSE || byte === STAR) continue;
    a = stepA(a, byte);
    b = stepB(b, byte);
  }
  return finishHash(a, b);
}

function isInner(bytes: Uint8Array, at: number, end: number): boolean {
  for (const word of INNER) {
    const digit = bytes[at + word.length];
    if (at + word.length >= end || digit === undefined || digit < ZERO || digit > NINE) continue;
    if (startsWith(bytes, at, end, word)) return true;
  }
  return false;
}

/** Whether `word` is in `bytes` at `at`, before `end`. */
export function startsWith(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (at + word.length > end) return false;
  for (let n = 0; n < word.length; n++) if (bytes[at + n] !== word[n]) return false;
  return true;
}
