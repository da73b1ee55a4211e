/** The names of functions that Go's linker wrote, `import/path.(*Type).Method`, as packages and hashes. */
import { hashOfPackage, hashOfSymbol, startsWith } from '../../formats/programs/function-hash.ts';
import { HashList } from '../../lib/hash-list.ts';
import type { HashState } from '../../lib/name-filter.ts';

/** Names of more bytes are not read. */
export const NAME_LIMIT = 4096;
/** Names of a program: far above what any has. */
const NAMES_LIMIT = 1_000_000;
const PACKAGES_LIMIT = 20_000;

const [DOT, SLASH, BRACKET, CLOSE_BRACKET] = Buffer.from('./[]');
/** Before Go 1.20, and since: functions that the compiler made, which are of no package. */
const MADE = ['go.', 'type.', 'go:', 'type:'].map((word) => Buffer.from(word));

interface LinkedPackage {
  /** As in import declarations. */
  readonly path: string;
  readonly start: HashState;
}

/**
 * Takes names in, package by package as they lie side by side. A closure counts as the function that it is in, a method as
 * `Type.Method` whatever its receiver, an instance of a generic function as the function.
 */
export class FunctionNames {
  /** Some name could not be kept: what is not here may still be linked. */
  incomplete = false;
  readonly #importPath: (path: string) => string;
  readonly #packages = new Map<string, LinkedPackage>();
  readonly #hashes = new HashList();
  /** Of `#last`, in `#lastBytes`. */
  #last: LinkedPackage | undefined;
  #lastBytes: Uint8Array = new Uint8Array(0);
  #lastStart = 0;
  #lastLength = -1;

  /** `importPath`: what a package that the linker names so is imported as. */
  constructor(importPath: (path: string) => string = (path) => path) {
    this.#importPath = importPath;
  }

  /** Import paths of all packages that a function is linked of. */
  packages(): string[] {
    return [...this.#packages.values()].map(({ path }) => path);
  }

  /** Hashes of all names, as `hashOfFunction` makes them; a name may be there twice. */
  hashes(): Float64Array {
    return this.#hashes.all();
  }

  /** Whether a package was seen that the linker names so. */
  hasPackage(name: string): boolean {
    return this.#packages.has(name);
  }

  /** Reads names, each with a zero after it; returns the offset of a last one that has none. */
  read(bytes: Buffer): number {
    for (let start = 0; ; ) {
      let dot = -1;
      let at = start;
      let isGeneric = false;
      for (; at < bytes.length && bytes[at] !== 0; at++) {
        const byte = bytes[at];
        if (byte === DOT) {
          if (dot < 0) dot = at;
        } else if (byte === SLASH) dot = -1;
        else if (byte === BRACKET) {
          isGeneric = true;
          at = bytes.indexOf(0, at);
          break;
        }
      }
      if (at < 0 || at >= bytes.length) return start;
      if (isGeneric) this.#addGeneric(bytes.subarray(start, at));
      else if (dot > start) this.#add(bytes, start, dot, at);
      start = at + 1;
    }
  }

  /** `Map[go.shape.int,example.com/x.T].Get`: what is between the first and the last bracket is no name. */
  #addGeneric(name: Buffer): void {
    const [first, last] = [name.indexOf(BRACKET!), name.lastIndexOf(CLOSE_BRACKET!)];
    const rest = last > first ? name.subarray(last + 1) : Buffer.alloc(0);
    const whole = Buffer.concat([name.subarray(0, first), rest]);
    const dot = whole.indexOf(DOT!, whole.lastIndexOf(SLASH!) + 1);
    if (dot > 0) this.#add(whole, 0, dot, whole.length);
  }

  #add(bytes: Buffer, start: number, dot: number, end: number): void {
    if (end - start > NAME_LIMIT || this.#hashes.length >= NAMES_LIMIT) {
      this.incomplete = true;
      return;
    }
    const found = this.#packageOf(bytes, start, dot);
    if (found === undefined) return;
    this.#hashes.add(hashOfSymbol(bytes, dot + 1, end, found.start));
  }

  #packageOf(bytes: Buffer, start: number, dot: number): LinkedPackage | undefined {
    const length = dot - start;
    if (length === this.#lastLength) {
      const [last, offset] = [this.#lastBytes, this.#lastStart - start];
      let at = dot - 1;
      while (at >= start && bytes[at] === last[at + offset]) at--;
      if (at < start) return this.#last;
    }
    let found: LinkedPackage | undefined;
    if (!MADE.some((word) => startsWith(bytes, start, dot + 1, word))) {
      const name = bytes.toString('latin1', start, dot);
      found = this.#packages.get(name);
      if (found === undefined && this.#packages.size >= PACKAGES_LIMIT) this.incomplete = true;
      else if (found === undefined) {
        const path = this.#importPath(unescaped(name));
        found = { path, start: hashOfPackage(path) };
        this.#packages.set(name, found);
      }
    }
    [this.#last, this.#lastBytes, this.#lastStart, this.#lastLength] = [found, bytes, start, length];
    return found;
  }
}

/** The compiler writes dots of the last element, and whatever is no plain ASCII, as `%2e`. */
function unescaped(name: string): string {
  if (!name.includes('%')) return name;
  const bytes = name.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
