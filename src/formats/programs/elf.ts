/** Sections and segments of an ELF file, as far as finding data in it needs them (System V ABI, chapters 4 and 5). */
import type { RandomAccessFile } from '../../contract/detector.ts';
import {
  clip,
  DATA_REGIONS,
  type Executable,
  fieldsOf,
  type HeaderFields,
  type Region,
  readTable,
  type Section,
  type SymbolTable,
} from './regions.ts';

const MAGIC = Buffer.from('\x7fELF', 'latin1');
const TABLE_LIMIT = 8 * 1024 * 1024;
const NAMES_LIMIT = 1024 * 1024;

const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const SYMBOL_NAMES = new Set(['.strtab', '.dynstr']);
const EXECUTABLE_TYPES = new Set([2, 3]); // ET_EXEC, ET_DYN: never objects and kernel modules

interface Layout {
  readonly wide: boolean;
  readonly bigEndian: boolean;
  readonly header: HeaderFields;
}

/** Whether `head` begins an ELF program or shared library. */
export function isElf(head: Buffer): boolean {
  return layoutOf(head) !== undefined;
}

/** undefined: the file is no ELF program, or its headers cannot be read. */
export function readElf(file: RandomAccessFile): Executable | undefined {
  const head = file.read(0, 64);
  const layout = layoutOf(head);
  if (layout === undefined || head.length < (layout.wide ? 64 : 52)) return undefined;
  const segments = readSegments(file, layout);
  const sections = readSections(file, layout);
  // There may be two data segments: what is made read-only after relocation has one of its own.
  const data = segments.filter(({ flags }) => (flags & (PF_X | PF_W)) === PF_W).slice(0, DATA_REGIONS);
  const mapped = segments.length > 0 ? segments : sections.filter(({ allocated }) => allocated);
  return {
    format: 'elf',
    machine: layout.header.u16(18),
    wide: layout.wide,
    bigEndian: layout.bigEndian,
    symbolNames: sections.filter(({ name }) => SYMBOL_NAMES.has(name)).map(({ region }) => region),
    symbolTables: symbolTables(sections),
    memory: mapped.map(({ region }) => region),
    sections,
    data: data.map(({ region }) => region),
  };
}

/** System V ABI, chapter 4, "Special Sections". */
const TABLES = [
  ['.dynsym', '.dynstr'],
  ['.symtab', '.strtab'],
] as const;

function symbolTables(sections: readonly Section[]): SymbolTable[] {
  const regionOf = (wanted: string) => sections.find(({ name }) => name === wanted)?.region;
  return TABLES.flatMap(([ofRows, ofNames]) => {
    const [rows, names] = [regionOf(ofRows), regionOf(ofNames)];
    return rows && names ? [{ rows, names }] : [];
  });
}

function layoutOf(head: Buffer): Layout | undefined {
  if (head.length < 18 || !head.subarray(0, 4).equals(MAGIC)) return undefined;
  const [kind, order] = [head[4], head[5]];
  if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return undefined;
  const bigEndian = order === 2;
  const header = fieldsOf(head, bigEndian);
  return EXECUTABLE_TYPES.has(header.u16(16)) ? { wide: kind === 2, bigEndian, header } : undefined;
}

function readSegments(file: RandomAccessFile, { wide, bigEndian, header }: Layout) {
  const offset = wide ? header.u64(32) : header.u32(28);
  const entry = header.u16(wide ? 54 : 42);
  const count = header.u16(wide ? 56 : 44);
  if (entry < (wide ? 56 : 32)) return [];
  const table = readTable(file, offset, entry * count, TABLE_LIMIT);
  if (table === undefined) return [];
  const fields = fieldsOf(table, bigEndian);
  const segments: { flags: number; region: Region }[] = [];
  for (let at = 0; at < table.length; at += entry) {
    if (fields.u32(at) !== PT_LOAD) continue;
    const region = wide
      ? { offset: fields.u64(at + 8), address: fields.u64(at + 16), size: fields.u64(at + 32) }
      : { offset: fields.u32(at + 4), address: fields.u32(at + 8), size: fields.u32(at + 16) };
    const clipped = clip(region, file.size);
    if (clipped) segments.push({ flags: fields.u32(at + (wide ? 4 : 24)), region: clipped });
  }
  return segments;
}

function readSections(
  file: RandomAccessFile,
  { wide, bigEndian, header }: Layout,
): (Section & { readonly allocated: boolean })[] {
  const offset = wide ? header.u64(40) : header.u32(32);
  const entry = header.u16(wide ? 58 : 46);
  const size = wide ? 64 : 40;
  if (entry < size) return [];
  const first = readTable(file, offset, size, size);
  if (first === undefined) return [];
  // Numbers that do not fit into the header are in the first, empty section: its size and its link.
  const zeroth = fieldsOf(first, bigEndian);
  const count = header.u16(wide ? 60 : 48) || (wide ? zeroth.u64(32) : zeroth.u32(20));
  const shortIndex = header.u16(wide ? 62 : 50);
  const namesIndex = shortIndex === 0xffff ? zeroth.u32(wide ? 40 : 24) : shortIndex;

  const table = readTable(file, offset, entry * count, TABLE_LIMIT);
  if (table === undefined || !(namesIndex < count)) return [];
  const fields = fieldsOf(table, bigEndian);
  const namesAt = namesIndex * entry;
  const names = readTable(
    file,
    wide ? fields.u64(namesAt + 24) : fields.u32(namesAt + 16),
    wide ? fields.u64(namesAt + 32) : fields.u32(namesAt + 20),
    NAMES_LIMIT,
  );
  if (names === undefined) return [];

  const sections: (Section & { readonly allocated: boolean })[] = [];
  for (let at = 0; at < table.length; at += entry) {
    const flags = wide ? fields.u64(at + 8) : fields.u32(at + 8);
    if (fields.u32(at + 4) === SHT_NOBITS) continue;
    const region = wide
      ? { address: fields.u64(at + 16), offset: fields.u64(at + 24), size: fields.u64(at + 32) }
      : { address: fields.u32(at + 12), offset: fields.u32(at + 16), size: fields.u32(at + 20) };
    const clipped = clip(region, file.size);
    if (clipped === undefined) continue;
    const allocated = flags % (2 * SHF_ALLOC) >= SHF_ALLOC;
    sections.push({ name: nameAt(names, fields.u32(at)), region: clipped, allocated });
  }
  return sections;
}

function nameAt(names: Buffer, start: number): string {
  const end = names.indexOf(0, start);
  // Only short names are of interest; a forged table of overlapping long ones must not cost their sum.
  return names.toString('latin1', start, Math.min(end < 0 ? names.length : end, start + 32));
}
