/**
 * Reads the names of all functions in a Go program from `.gopclntab`, the table that tracebacks are made from: no linker flag
 * removes it, and it names what was inlined, too (layouts: golang.org/s/go12symtab; `pcHeader` in package runtime).
 */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { type Executable, fieldsOf, type HeaderFields, type Region } from '../../formats/programs/regions.ts';
import { readNames } from '../../formats/programs/symbol-names.ts';
import { type FunctionNames, NAME_LIMIT } from './function-names.ts';

/** A big program has 10 MB of names. */
const NAMES_LIMIT = 64 * 1024 * 1024;
const SECTIONS = new Set(['.gopclntab', '.data.rel.ro.gopclntab', '__gopclntab']);
/** Places that begin like a table, before the search is given up: programs of 120 MB have two. */
const TRIES = 64;
/** Functions whose names are looked up: where they are not at the beginning of a name, the table is not what it seems. */
const SAMPLES = 64;
const HEADER = 8 + 8 * 8;

/** By the first release that has it. Since 1.16 the names are one block, and where it lies is in a word of the header. */
interface Layout {
  readonly since: number;
  readonly magic: number;
  /** Word of the header with the offset of the names; the next one is their end. undefined: names lie between functions. */
  readonly names?: number;
  /** Word of the header with the offset of the list of functions. */
  readonly functions?: number;
  /** Whether that list has offsets of 32 bits. */
  readonly isNarrow: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { since: 20, magic: 0xfffffff1, names: 3, functions: 7, isNarrow: true },
  { since: 18, magic: 0xfffffff0, names: 3, functions: 7, isNarrow: true },
  { since: 16, magic: 0xfffffffa, names: 2, functions: 6, isNarrow: false },
  { since: 2, magic: 0xfffffffb, isNarrow: false },
];

interface Table {
  readonly layout: Layout;
  readonly region: Region;
  readonly bigEndian: boolean;
  readonly pointer: 4 | 8;
  readonly count: number;
  /** Of the list of functions, in the table. */
  readonly functions: number;
  /** In the table; undefined: as in `Layout`. */
  readonly names?: { readonly start: number; readonly end: number };
}

/**
 * Gives `names` all names of functions in the program. `release`: N of Go 1.N, undefined if it is not told. Returns false if there is
 * no table that can be read to its end.
 */
export function readFunctionNames(
  file: RandomAccessFile,
  executable: Executable,
  release: number | undefined,
  names: FunctionNames,
): boolean {
  const tables = tablesIn(file, executable, release).filter((each) => isConsistent(file, each));
  const [table] = tables;
  // A program may carry others in its data: nothing tells which of several tables is its own.
  if (table === undefined || tables.length > 1) return false;
  if (table.names === undefined) return readScattered(file, table, release, names);
  const { start, end } = table.names;
  if (end - start > NAMES_LIMIT) return false;
  return readNames(file, table.region.offset + start, table.region.offset + end, names);
}

/** What seems to be a table: in sections of its name, else wherever the program is in memory. */
function tablesIn(file: RandomAccessFile, executable: Executable, release: number | undefined): Table[] {
  const named = executable.sections.filter(({ name }) => SECTIONS.has(name)).slice(0, TRIES);
  if (named.length > 0) return named.flatMap(({ region }) => readTable(file, region) ?? []);
  // A Windows program, or one without section names. Its release says how its table begins.
  const layouts = LAYOUTS.filter(({ since }, index) => {
    const next = LAYOUTS[index - 1]?.since ?? Number.POSITIVE_INFINITY;
    return release === undefined || (since <= release && release < next);
  });
  const tables: Table[] = [];
  let tries = 0;
  for (const bigEndian of [false, true])
    for (const { magic } of layouts) {
      const needle = Buffer.alloc(6);
      if (bigEndian) needle.writeUInt32BE(magic);
      else needle.writeUInt32LE(magic);
      for (let at = file.indexOf(needle); at >= 0; at = file.indexOf(needle, at + 1)) {
        if (++tries > TRIES) return [];
        const around = executable.memory.find(({ offset, size }) => offset <= at && at < offset + size);
        const table = around && readTable(file, tail(around, at));
        if (table) tables.push(table);
      }
    }
  return tables;
}

function tail({ address, offset, size }: Region, from: number): Region {
  return { address: address + from - offset, offset: from, size: offset + size - from };
}

/** undefined: what is there is no table, or of a layout that nobody knows yet. */
function readTable(file: RandomAccessFile, region: Region): Table | undefined {
  const head = file.read(region.offset, Math.min(HEADER, region.size));
  if (head.length < HEADER) return undefined;
  const [pointer, quantum] = [head[7], head[6]];
  if ((pointer !== 4 && pointer !== 8) || (quantum !== 1 && quantum !== 2 && quantum !== 4)) return undefined;
  for (const bigEndian of [false, true]) {
    const fields = fieldsOf(head, bigEndian);
    const layout = LAYOUTS.find(({ magic }) => fields.u32(0) === magic);
    if (layout === undefined || fields.u16(4) !== 0) continue;
    const word = (index: number) => (pointer === 8 ? fields.u64(8 + 8 * index) : fields.u32(8 + 4 * index));
    const count = word(0);
    const table = { layout, region, bigEndian, pointer, count } as const;
    if (layout.names === undefined || layout.functions === undefined) {
      const functions = 8 + pointer;
      if (count > 0 && functions + count * 2 * pointer <= region.size) return { ...table, functions };
      continue;
    }
    const [start, end, functions] = [word(layout.names), word(layout.names + 1), word(layout.functions)];
    const isOrdered = start >= 8 && start < end && end <= functions && functions <= region.size;
    if (!isOrdered || !(count > 0 && functions + count * entrySize(table) <= region.size)) continue;
    return { ...table, functions, names: { start, end } };
  }
  return undefined;
}

function entrySize({ layout, pointer }: Pick<Table, 'layout' | 'pointer'>): number {
  return layout.isNarrow ? 8 : 2 * pointer;
}

/** Whether functions throughout the list have names that begin where a name begins; of tables without a block of names: true. */
function isConsistent(file: RandomAccessFile, table: Table): boolean {
  const { region, count, functions, names } = table;
  if (names === undefined) return true;
  const size = names.end - names.start;
  const half = entrySize(table) / 2;
  for (let n = 0; n < SAMPLES; n++) {
    const index = Math.floor((n * count) / SAMPLES);
    const place = numberAt(file, region, functions + index * 2 * half + half, half, table.bigEndian);
    const name = nameOf(file, table, functions + place);
    if (!(name >= 0 && name < size)) return false;
    if (name > 0 && file.read(region.offset + names.start + name - 1, 1)[0] !== 0) return false;
  }
  return true;
}

/** Offset of the name of the function that is described at `at` in the table: its second member. */
function nameOf(file: RandomAccessFile, { region, layout, pointer, bigEndian }: Table, at: number): number {
  return numberAt(file, region, at + (layout.isNarrow ? 4 : pointer), 4, bigEndian);
}

function numberAt(
  file: RandomAccessFile,
  region: Region,
  at: number,
  size: number,
  bigEndian: boolean,
): number {
  if (!(at >= 0 && at + size <= region.size)) return Number.NaN;
  const bytes = file.read(region.offset + at, size);
  if (bytes.length < size) return Number.NaN;
  return read(fieldsOf(bytes, bigEndian), 0, size);
}

function read(fields: HeaderFields, at: number, size: number): number {
  return size === 8 ? fields.u64(at) : fields.u32(at);
}

/**
 * Before Go 1.16: names lie between what describes functions. Those of functions are pointed to; those of what was inlined
 * stand after a byte of some number, which is never a printable one in little-endian order, and have a zero after them.
 */
function readScattered(
  file: RandomAccessFile,
  { region, bigEndian, pointer, count, functions }: Table,
  release: number | undefined,
  names: FunctionNames,
): boolean {
  if (region.size > NAMES_LIMIT) return false;
  const bytes = file.read(region.offset, region.size);
  const fields = fieldsOf(bytes, bigEndian);
  // Names of a made-up table may overlap.
  let budget = 4 * bytes.length;
  for (let index = 0; index < count; index++) {
    const at = functions + (2 * index + 1) * pointer;
    const place = read(fields, at, pointer) + pointer;
    if (!(place > 0 && place + 4 <= bytes.length)) return false;
    const name = fields.u32(place);
    const length = bytes.subarray(name, name + NAME_LIMIT + 1).indexOf(0);
    if (length < 0) return false;
    names.read(bytes.subarray(name, name + length + 1));
    budget -= length + 1;
    if (budget < 0) return false;
  }
  // Before 1.9 nothing tells what was inlined.
  if (bigEndian || release === undefined || release < 9) names.incomplete = true;
  if (bigEndian) return true;
  for (let at = functions + count * 2 * pointer; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    let start = end;
    while (start > at && bytes[start - 1]! >= 0x20) start--;
    // `a.b` is the shortest name. What has other packages is something else that looks like one.
    if (end - start >= 3 && end - start <= NAME_LIMIT) {
      const name = bytes.subarray(start, end + 1);
      if (name.includes('.') && names.hasPackage(packageNameOf(name))) names.read(name);
    }
    at = end + 1;
  }
  return true;
}

function packageNameOf(name: Buffer): string {
  const text = name.toString('latin1');
  return text.slice(0, text.indexOf('.', text.lastIndexOf('/') + 1));
}
