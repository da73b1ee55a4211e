/** Hashes of names of functions: the same for what a linker wrote, `(*Type).Method.func1`, and what an advisory says, `Type.Method`. */
import type { HashList } from '../../lib/hash-list.ts';
import { EMPTY_HASH, finishHash, type HashState, hashBytes, stepA, stepB } from '../../lib/name-filter.ts';
import { withoutModules } from './rust-path.ts';

const [ZERO, NINE] = [0x30, 0x39];
/** What Go's compiler calls functions within a function, by first byte: `Do.func1`, `Do.gowrap2`. */
const INNER = Array.from({ length: 256 }, (_, first) =>
  ['func', 'gowrap', 'deferwrap'].map((word) => Buffer.from(word)).find((word) => word[0] === first),
);

/** What a byte is to the hash of a name: one look-up decides of nearly all. */
const [LETTER, LEFT_OUT, DOT, MINUS, STOP] = [0, 1, 2, 3, 4];
const IN_SYMBOL = kindsOf({ '*()': LEFT_OUT, '.': DOT, '-': MINUS });
const IN_NAME = kindsOf({ '*()': LEFT_OUT, '.': DOT, '-': MINUS, '/[\0': STOP });

function kindsOf(kinds: Readonly<Record<string, number>>): Uint8Array {
  const all = new Uint8Array(256).fill(LETTER);
  for (const [bytes, kind] of Object.entries(kinds)) for (const byte of Buffer.from(bytes)) all[byte] = kind;
  return all;
}

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
  hashOn(from, bytes, start, end, IN_SYMBOL);
  return finishHash(reached[0]!, reached[1]!);
}

/**
 * Adds the hashes of names that lie one after the other from `start` on, each with a zero after it: as long as they begin with `prefix`, a
 * package and a dot, have neither a slash nor a bracket after it, and at most `limit` bytes. `from`: the state of the package; undefined:
 * none of its names counts. Returns where the first name begins that is another, or has no zero.
 */
export function hashNames(
  bytes: Uint8Array,
  start: number,
  prefix: Uint8Array,
  from: HashState | undefined,
  limit: number,
  hashes: HashList,
): number {
  for (let name = start; ; ) {
    if (name + prefix.length >= bytes.length) return name;
    // Packages of one module differ at their ends.
    let same = prefix.length - 1;
    while (same >= 0 && bytes[name + same] === prefix[same]) same--;
    if (same >= 0) return name;
    let at = hashOn(from ?? EMPTY_HASH, bytes, name + prefix.length, bytes.length, IN_NAME);
    while (at < bytes.length && IN_NAME[bytes[at]!] !== STOP) at++;
    if (at >= bytes.length || bytes[at] !== 0 || at - name > limit) return name;
    if (from !== undefined) hashes.add(finishHash(reached[0]!, reached[1]!));
    name = at + 1;
  }
}

/** The state that `hashOn` came to. */
const reached = new Int32Array(2);

/** Goes on from a state with bytes up to `end`, or to where the name of the function ends that counts; returns the offset there. */
function hashOn(from: HashState, bytes: Uint8Array, start: number, end: number, kinds: Uint8Array): number {
  let { a, b } = from;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const kind = kinds[byte];
    if (kind !== LETTER) {
      if (kind === LEFT_OUT) continue;
      // `Type.Method-fm` is a method as a value, `Do-range1` the body of a loop over a function.
      if (kind !== DOT || isInner(bytes, at + 1, end)) break;
    }
    a = stepA(a, byte);
    b = stepB(b, byte);
  }
  reached[0] = a;
  reached[1] = b;
  return at;
}

/** Whether such a name begins at `at`; `init.0` are several functions of one name. */
function isInner(bytes: Uint8Array, at: number, end: number): boolean {
  let digit = at;
  const word = at < end ? INNER[bytes[at]!] : undefined;
  if (word !== undefined) for (let n = 0; n < word.length; n++) if (bytes[digit++] !== word[n]) return false;
  return digit < end && bytes[digit]! >= ZERO && bytes[digit]! <= NINE;
}
