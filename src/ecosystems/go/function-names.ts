/** The names of functions that Go's linker wrote, `import/path.(*Type).Method`, as packages and hashes. */
import { hashNames, hashOfPackage, hashOfSymbol } from '../../formats/programs/function-hash.ts';
import { HashList } from '../../lib/hash-list.ts';
import type { HashState } from '../../lib/name-filter.ts';

/** Names of more bytes are not read. */
export const NAME_LIMIT = 4096;
/** Names of a program: far above what any has. */
const NAMES_LIMIT = 1_000_000;
const PACKAGES_LIMIT = 20_000;

/** Functions that the compiler made, which are of no package, before Go 1.20 and since: not those of `go.uber.org/zap`. */
const MADE = /^(?:go|type)(?::|\.(?![a-z0-9]))/;

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
  /** The package that was last met, and its name with a dot, as most names begin that follow. */
  #last: LinkedPackage | undefined;
  #prefix: Uint8Array | undefined;

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
      if (this.#prefix && this.#hashes.length < NAMES_LIMIT)
        start = hashNames(bytes, start, this.#prefix, this.#last?.start, NAME_LIMIT, this.#hashes);
      const end = bytes.indexOf(0, start);
      if (end < 0) return start;
      this.#addOther(bytes, start, end);
      start = end + 1;
    }
  }

  /** Adds a name of any form, and makes its package that of the names after it. */
  #addOther(bytes: Buffer, start: number, end: number): void {
    const name = bytes.toString('latin1', start, end);
    const [first, last] = [name.indexOf('['), name.lastIndexOf(']')];
    if (first < 0) this.#add(bytes, start, end, name);
    else {
      // `Map[go.shape.int,example.com/x.T].Get`: what is between the first and the last bracket is no name.
      const plain = name.slice(0, first) + (last > first ? name.slice(last + 1) : '');
      this.#add(Buffer.from(plain, 'latin1'), 0, plain.length, plain);
    }
  }

  #add(bytes: Buffer, start: number, end: number, name: string): void {
    const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    if (dot <= 0) return;
    const found = this.#packageOf(name.slice(0, dot + 1));
    this.#last = found;
    this.#prefix = bytes.subarray(start, start + dot + 1);
    if (name.length > NAME_LIMIT || this.#hashes.length >= NAMES_LIMIT) this.incomplete = true;
    else if (found !== undefined) this.#hashes.add(hashOfSymbol(bytes, start + dot + 1, end, found.start));
  }

  /** `prefix`: its name and a dot. Returns undefined if its functions do not count. */
  #packageOf(prefix: string): LinkedPackage | undefined {
    if (MADE.test(prefix)) return undefined;
    const name = prefix.slice(0, -1);
    let found = this.#packages.get(name);
    if (found === undefined && this.#packages.size >= PACKAGES_LIMIT) this.incomplete = true;
    else if (found === undefined) {
      const path = this.#importPath(unescaped(name));
      found = { path, start: hashOfPackage(path) };
      this.#packages.set(name, found);
    }
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
