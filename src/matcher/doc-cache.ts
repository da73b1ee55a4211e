/** Texts of vulnerabilities that reports have shown, with what enrichers know: images of one distribution share most of them. */
import type { DocRow } from './store/load-advisories.ts';

/** What a row takes besides its texts, about. */
const ROW_BYTES = 200;

/** Keeps those shown last, up to `limit` bytes in all. */
export class DocCache {
  readonly #rows = new Map<number, DocRow>(); // the one shown last at the end
  readonly #limit: number;
  #size = 0;
  #basis = '';

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * The rows of `ids`; `load` gets those that are not here. A text never changes; what enrichers know does, and `basis` with it.
   */
  async rows(
    ids: readonly number[],
    basis: string,
    load: (ids: readonly number[]) => Promise<readonly DocRow[]>,
  ): Promise<DocRow[]> {
    if (basis !== this.#basis) this.#clear(basis);
    const here: DocRow[] = [];
    const missing: number[] = [];
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row === undefined) missing.push(id);
      else {
        here.push(row);
        this.#rows.delete(id);
        this.#rows.set(id, row);
      }
    }
    if (missing.length === 0) return here;
    const loaded = await load(missing);
    // Another report may have been of another state meanwhile.
    if (basis === this.#basis) for (const row of loaded) this.#add(row);
    return [...here, ...loaded];
  }

  #add(row: DocRow): void {
    if (this.#rows.has(row.id)) return;
    this.#rows.set(row.id, row);
    this.#size += sizeOf(row);
    for (const [id, oldest] of this.#rows) {
      if (this.#size <= this.#limit) return;
      this.#rows.delete(id);
      this.#size -= sizeOf(oldest);
    }
  }

  #clear(basis: string): void {
    this.#rows.clear();
    this.#size = 0;
    this.#basis = basis;
  }
}

function sizeOf({ wire, facts }: DocRow): number {
  return ROW_BYTES + wire.length + (facts?.length ?? 0);
}
