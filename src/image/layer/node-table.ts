/**
 * What lies in which directory of a layer under which name. A layer may have two million entries: each takes some 35 bytes
 * here, outside the heap, where maps of strings take three times as much, and time to be collected.
 */
import { randomInt } from 'node:crypto';

/** The number of the directory that all others are in. */
export const ROOT = -1;

/** The number of no node. */
export const NOTHING = -1;
/** Where superseded nodes are. */
const NOWHERE = -2;

/** The numbers that a record has: hash, directory, place of the name, and its value. */
const FIELDS = 4;
/** Records and bytes of names are taken in pieces, so that nothing is copied when there are more. */
const PIECE = 1 << 14;
const NAMES = 1 << 18;
/** Bytes of a name's length before it. No path is longer (`pathBytes`). */
const LENGTH = 2;

/** Looks at more slots than this are told: names of somebody who makes them meet on purpose. */
const FREE_PROBES = 64;

export class NodeTable {
  readonly #onProbes: (probes: number) => void;
  // Nobody outside can tell which names share a slot.
  readonly #seed = randomInt(2 ** 32);
  readonly #records: Int32Array[] = [];
  readonly #names: Buffer[] = [];
  #count = 0;
  #nameEnd = NAMES;
  /** The number of a record and one; 0 is empty. Never more than half full. */
  #slots = new Int32Array(1024);
  // Of the last search.
  #hash = 0;
  #slot = 0;

  /** `onProbes` is told of searches that take long, by their steps. */
  constructor(onProbes: (probes: number) => void) {
    this.#onProbes = onProbes;
  }

  /** The number of what is called `name` in `directory`, itself the number of such a record or `ROOT`. */
  find(directory: number, name: string): number {
    const hash = hashOf(this.#seed, directory, name);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    let probes = 0;
    let found = this.#slots[slot]!;
    for (; found !== 0; found = this.#slots[slot]!) {
      if (this.#field(found - 1, 0) === hash && this.#is(found - 1, directory, name)) break;
      slot = (slot + 1) & mask;
      probes++;
    }
    if (probes > FREE_PROBES) this.#onProbes(probes);
    this.#hash = hash;
    this.#slot = slot;
    return found === 0 ? NOTHING : found - 1;
  }

  /** Adds what the search just before was for; gives its number. */
  add(directory: number, name: string, value: number): number {
    const index = this.#count++;
    if (index % PIECE === 0) this.#records.push(new Int32Array(PIECE * FIELDS));
    const record = this.#records[index >>> 14]!;
    const at = (index % PIECE) * FIELDS;
    record[at] = this.#hash;
    record[at + 1] = directory;
    record[at + 2] = this.#write(name);
    record[at + 3] = value;
    this.#slots[this.#slot] = index + 1;
    if (2 * this.#count > this.#slots.length) this.#grow();
    return index;
  }

  value(index: number): number {
    return this.#field(index, 3);
  }

  replace(index: number, value: number): void {
    this.#setField(index, 3, value);
  }

  /** Puts another at the place of what the search just before has found: what was in that is nowhere. Gives its number. */
  supersede(index: number, name: string, value: number): number {
    const directory = this.directory(index);
    this.#setField(index, 1, NOWHERE);
    return this.add(directory, name, value);
  }

  directory(index: number): number {
    return this.#field(index, 1);
  }

  name(index: number): string {
    const place = this.#field(index, 2);
    const names = this.#names[Math.floor(place / NAMES)]!;
    const at = place % NAMES;
    const length = names[at]! | (names[at + 1]! << 8);
    return names.toString('utf8', at + LENGTH, at + LENGTH + length);
  }

  /** All names in `directory`: looks at every record. */
  namesIn(directory: number): string[] {
    const names: string[] = [];
    for (let index = 0; index < this.#count; index++)
      if (this.directory(index) === directory) names.push(this.name(index));
    return names;
  }

  #field(index: number, field: number): number {
    return this.#records[index >>> 14]![(index % PIECE) * FIELDS + field]!;
  }

  #setField(index: number, field: number, value: number): void {
    this.#records[index >>> 14]![(index % PIECE) * FIELDS + field] = value;
  }

  #is(index: number, directory: number, name: string): boolean {
    return this.directory(index) === directory && this.name(index) === name;
  }

  #write(name: string): number {
    if (this.#nameEnd + LENGTH + 3 * name.length > NAMES) {
      this.#names.push(Buffer.allocUnsafeSlow(NAMES));
      this.#nameEnd = 0;
    }
    const names = this.#names.at(-1)!;
    const at = this.#nameEnd;
    const length = writeText(names, name, at + LENGTH);
    names[at] = length;
    names[at + 1] = length >>> 8;
    this.#nameEnd = at + LENGTH + length;
    return (this.#names.length - 1) * NAMES + at;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      if (this.directory(index) === NOWHERE) continue;
      let slot = this.#field(index, 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

// The multiplications and shifts of MurmurHash3's last step, after each unit.
function hashOf(seed: number, directory: number, name: string): number {
  let hash = mixed(seed ^ directory);
  for (let at = 0; at < name.length; at++) hash = mixed(hash ^ name.charCodeAt(at));
  return hash;
}

function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return Math.imul(half ^ (half >>> 13), 0xc2b2ae35) | 0;
}

/** Gives the bytes written. Names are short, and nearly all ASCII: for them a loop takes less time than a call. */
function writeText(into: Buffer, text: string, at: number): number {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return into.write(text, at);
    into[at + index] = unit;
  }
  return text.length;
}
