/** Reports that were written already: the same index report against the same feeds has the same bytes. */

/** The index report that a report was made of. */
export interface IndexBasis {
  /** Its JSON. */
  readonly index: string;
  /** Changes whenever it does; undefined: nobody could say. */
  readonly version?: string;
}

/** What a report was made of. */
export interface Basis extends IndexBasis {
  /** Changes whenever any feed does. */
  readonly feeds: string;
}

interface Entry<T> extends Basis {
  readonly value: T;
  readonly size: number;
}

/** Keeps the reports asked for last, up to `limit` bytes in all. */
export class ReportCache<T> {
  readonly #entries = new Map<string, Entry<T>>(); // the one asked for last at the end
  readonly #limit: number;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The index report that the entry of `key` was made of. */
  peek(key: string): IndexBasis | undefined {
    return this.#entries.get(key);
  }

  /** undefined: there is none, or it was made of something else. */
  get(key: string, { index, feeds }: Basis): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#drop(key);
    if (entry.feeds !== feeds || entry.index !== index) return undefined;
    this.#add(key, entry);
    return entry.value;
  }

  /** `bytes`: the weight of `value`. */
  set(key: string, basis: Basis, value: T, bytes: number): void {
    this.#drop(key);
    const size = bytes + basis.index.length;
    if (size > this.#limit) return;
    this.#add(key, { ...basis, value, size });
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#limit) return;
      this.#drop(oldest);
    }
  }

  #add(key: string, entry: Entry<T>): void {
    this.#entries.set(key, entry);
    this.#size += entry.size;
  }

  #drop(key: string): void {
    this.#size -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }
}
