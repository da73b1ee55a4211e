/** What reports have shown of advisories, with what enrichers know: images of one distribution share most of them. */
import type { Shown } from './shown.ts';

/** Keeps what was shown last, up to `limit` bytes in all. */
export class ShownCache {
  readonly #limit: number;
  #basis = '';
  /** Shown since the one below was full. */
  #recent = new Map<number, Shown>();
  #older: ReadonlyMap<number, Shown> = new Map();
  /** Of `#recent`. */
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Those of `ids`; `load` gets what is not here. An advisory never changes; what enrichers know does, and `basis` with it.
   */
  async get(
    ids: Iterable<number>,
    basis: string,
    load: (ids: readonly number[]) => Promise<readonly Shown[]>,
  ): Promise<Shown[]> {
    if (basis !== this.#basis) this.#clear(basis);
    const here: Shown[] = [];
    const missing: number[] = [];
    for (const id of ids) {
      const shown = this.#recent.get(id) ?? this.#again(id);
      if (shown === undefined) missing.push(id);
      else here.push(shown);
    }
    if (missing.length === 0) return here;
    const loaded = await load(missing);
    // Another report may have been of another state meanwhile.
    if (basis === this.#basis) for (const shown of loaded) this.#add(shown);
    return [...here, ...loaded];
  }

  #again(id: number): Shown | undefined {
    const shown = this.#older.get(id);
    if (shown !== undefined) this.#add(shown);
    return shown;
  }

  #add(shown: Shown): void {
    if (this.#recent.has(shown.id)) return;
    this.#recent.set(shown.id, shown);
    this.#size += shown.size;
    if (this.#size <= this.#limit / 2) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#size = 0;
  }

  #clear(basis: string): void {
    this.#recent = new Map();
    this.#older = new Map();
    this.#size = 0;
    this.#basis = basis;
  }
}
