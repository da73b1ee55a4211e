/** Manifests with what they have of that which was asked for, in pages: on disk, as there may be more than memory has room for. */
import { SpillFile } from '../lib/spill-file.ts';
import type { Holder } from './store/match-lookups.ts';

/** Of a page, at most: manifests, and numbers of what they have (the last manifest may have more). */
const PAGE = { manifests: 1000, numbers: 100_000 };

export class HolderSpool implements Disposable {
  /** Of each page: bytes in the file. */
  readonly #lengths: number[] = [];
  #file: SpillFile | undefined;
  #page: number[] = [];
  #manifests = 0;

  add({ manifest, has }: Holder): void {
    this.#page.push(manifest, has.length);
    for (const each of has) this.#page.push(each);
    if (++this.#manifests < PAGE.manifests && this.#page.length < PAGE.numbers) return;
    const bytes = Buffer.from(Float64Array.from(this.#page).buffer);
    this.#file ??= new SpillFile();
    this.#file.append(bytes);
    this.#lengths.push(bytes.length);
    this.#page = [];
    this.#manifests = 0;
  }

  /** What was added, in that order. */
  *pages(): Generator<readonly Holder[]> {
    let at = 0;
    for (const length of this.#lengths) {
      const bytes = Buffer.from(new ArrayBuffer(length));
      this.#file?.read(bytes, at);
      at += length;
      yield holdersOf(new Float64Array(bytes.buffer));
    }
    if (this.#page.length > 0) yield holdersOf(this.#page);
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}

function holdersOf(numbers: ArrayLike<number>): Holder[] {
  const holders: Holder[] = [];
  for (let at = 0; at < numbers.length; ) {
    const [manifest, count] = [numbers[at]!, numbers[at + 1]!];
    const has = Array.from({ length: count }, (_, index) => numbers[at + 2 + index]!);
    holders.push({ manifest, has });
    at += 2 + count;
  }
  return holders;
}
