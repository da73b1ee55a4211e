/** Names of Rust's functions among the symbols of a program, as crates and hashes. */
import { hashOfFunction } from '../../formats/programs/function-hash.ts';
import { rustPaths } from '../../formats/programs/rust-path.ts';
import { HashList } from '../../lib/hash-list.ts';
import { demangleLegacy } from './demangle-legacy.ts';
import { demangleV0 } from './demangle-v0.ts';

/** Names of more bytes are not read. */
const NAME_LIMIT = 4096;
const NAMES_LIMIT = 1_000_000;
const CRATES_LIMIT = 20_000;

const [UNDERSCORE, R, Z, N] = Buffer.from('_RZN');

/** Takes names of symbols in, whatever their language. */
export class RustNames {
  readonly #crates = new Set<string>();
  readonly #hashes = new HashList();

  /** Names of crates that a function is there of, as paths have them: `aes_gcm`. */
  crates(): string[] {
    return [...this.#crates];
  }

  /** Hashes of all names, as `hashOfFunction` makes them; a name may be there twice. */
  hashes(): Float64Array {
    return this.#hashes.all();
  }

  /** Reads names, each with a zero after it; returns the offset of a last one that has none. */
  read(bytes: Buffer): number {
    for (let start = 0; ; ) {
      const end = bytes.indexOf(0, start);
      if (end < 0) return start;
      // On macOS all names begin with one more.
      const from = bytes[start] === UNDERSCORE && bytes[start + 1] === UNDERSCORE ? start + 1 : start;
      if (bytes[from] === UNDERSCORE && end - from <= NAME_LIMIT) this.#add(bytes, from, end);
      start = end + 1;
    }
  }

  #add(bytes: Buffer, from: number, end: number): void {
    const isV0 = bytes[from + 1] === R;
    if (!isV0 && !(bytes[from + 1] === Z && bytes[from + 2] === N)) return;
    const name = bytes.toString('latin1', from, end);
    const text = isV0 ? demangleV0(name) : demangleLegacy(name);
    if (text === undefined) return;
    for (const [crate = '', ...rest] of rustPaths(text)) {
      if (this.#hashes.length >= NAMES_LIMIT || this.#crates.size >= CRATES_LIMIT) return;
      this.#crates.add(crate);
      this.#hashes.add(hashOfFunction(crate, `::${rest.join('::')}`));
    }
  }
}
