/** Sparse files in tar archives: only the data regions are stored, the holes between them are zeros. */
import type { TarContent } from './content.ts';
import { BLOCK, decimal, readNumber } from './header.ts';

/** The data regions of a file, in order. */
export type SparseMap = readonly { readonly offset: number; readonly length: number }[];

/** More regions than this are no file that somebody packed. */
export const MAX_REGIONS = 262_144;

/** Whether the regions are in order, inside the file, and not longer than what is stored. */
export function isSound(map: SparseMap, size: number, stored: number): boolean {
  let end = 0;
  let total = 0;
  for (const { offset, length } of map) {
    if (offset < end || offset + length > size) return false;
    end = offset + length;
    total += length;
  }
  return total <= stored;
}

/** The map in an old GNU header (4 regions at 386) or one of its extension blocks (21 at 0); undefined if unreadable. */
export function readOldMap(block: Buffer, kind: 'header' | 'extension'): OldMap | undefined {
  const [at, slots] = kind === 'header' ? [386, 4] : [0, 21];
  const map: { offset: number; length: number }[] = [];
  for (let i = 0; i < slots; i++) {
    const slot = at + 24 * i;
    if (block[slot] === 0) break;
    const offset = readNumber(block, slot, 12);
    const length = readNumber(block, slot + 12, 12);
    if (offset === undefined || length === undefined) return undefined;
    map.push({ offset, length });
  }
  const size = kind === 'header' ? readNumber(block, 483, 12) : 0;
  if (size === undefined) return undefined;
  return { map, extended: block[at + 24 * slots] !== 0, size };
}

export interface OldMap {
  readonly map: SparseMap;
  /** Whether an extension block follows. */
  readonly extended: boolean;
  /** Size with holes; 0 in extensions. */
  readonly size: number;
}

/** Gathers the map of format 1.0 from the first blocks of the content: a count, then offsets and lengths, a line each. */
export class LeadingMap {
  #numbers: number[] = [];
  #digits = '';

  /** Takes one block; 'more' until the last number is in, 'bad' if there is anything else than numbers. */
  take(block: Buffer): 'more' | 'bad' | SparseMap {
    for (let i = 0; i < BLOCK; i++) {
      const byte = block[i]!;
      if (byte !== 0x0a) {
        this.#digits += String.fromCharCode(byte);
        if (this.#digits.length > 20) return 'bad';
        continue;
      }
      const number = decimal(Buffer.from(this.#digits, 'latin1'));
      this.#digits = '';
      if (number === undefined) return 'bad';
      this.#numbers.push(number);
      const count = this.#numbers[0]!;
      if (count > MAX_REGIONS) return 'bad';
      if (this.#numbers.length === 1 + 2 * count) return this.#map();
    }
    return 'more';
  }

  #map(): SparseMap {
    const map: { offset: number; length: number }[] = [];
    for (let i = 1; i < this.#numbers.length; i += 2) {
      map.push({ offset: this.#numbers[i]!, length: this.#numbers[i + 1]! });
    }
    return map;
  }
}

const HOLE = Buffer.alloc(64 * 1024);

/** Puts the holes back: takes the stored bytes and gives `content` the file's. `onHole` may throw to end it. */
export function withHoles(
  content: TarContent,
  map: SparseMap,
  size: number,
  onHole: (bytes: number) => void,
): TarContent {
  let region = 0;
  let inRegion = 0;
  let at = 0;
  let wanted = true;
  const holeTo = (offset: number): void => {
    while (wanted && at < offset) {
      const length = Math.min(HOLE.length, offset - at);
      onHole(length);
      at += length;
      wanted = content.data(HOLE.subarray(0, length));
    }
  };
  return {
    data(stored) {
      for (let from = 0; wanted && from < stored.length; ) {
        const next = map[region];
        if (next === undefined) return true; // behind the last region
        holeTo(next.offset);
        const take = Math.min(next.length - inRegion, stored.length - from);
        if (wanted && take > 0) wanted = content.data(stored.subarray(from, from + take));
        from += take;
        at += take;
        inRegion += take;
        if (inRegion === next.length) {
          region++;
          inRegion = 0;
        }
      }
      return wanted;
    },
    end() {
      holeTo(size);
      if (wanted) content.end();
    },
  };
}
