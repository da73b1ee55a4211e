/** Composes the smallest programs of each format that hold some data, for tests. */
import type { Entry, RandomAccessFile } from '../../contract/detector.ts';

/** Where the composed programs are mapped. */
const BASE = 0x40_0000;

/** A number in a byte order. */
export function integer(value: number, size: 2 | 4 | 8, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  const used = bytes.subarray(0, size);
  return bigEndian ? used.reverse() : used;
}

export interface ElfOptions {
  readonly wide?: boolean;
  readonly bigEndian?: boolean;
  /** Whether it has a section table, with a section of that name for the data. */
  readonly section?: string;
  readonly type?: number;
  /** Of the section: by default it is writable and mapped. */
  readonly flags?: number;
  /** Names of symbols, in a section of names beside that of the data. */
  readonly symbols?: readonly string[];
  /** Number of the architecture. */
  readonly machine?: number;
}

/** As linkers write names of symbols: the first one is empty. */
function symbolNames(symbols: readonly string[]): Buffer {
  return Buffer.from(['', ...symbols].map((name) => `${name}\0`).join(''), 'latin1');
}

/** An ELF program of one writable segment; `info` makes its data and is told where it will lie. */
export function elf(info: (address: number) => Buffer, options: ElfOptions = {}): Buffer {
  const { wide = true, bigEndian = false, section, type = 2, flags = 3, symbols, machine = 62 } = options;
  const u = (value: number, size: 2 | 4 | 8) => integer(value, size, bigEndian);
  const word = wide ? 8 : 4;
  const w = (value: number) => u(value, word);
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const sectionSize = wide ? 64 : 40;
  const start = 0x100;
  const data = info(BASE + start);
  const names = Buffer.from(`\0${section ?? ''}\0.strtab\0`);
  const namesAt = start + data.length;
  const strings = symbols === undefined ? Buffer.alloc(0) : symbolNames(symbols);
  const stringsAt = namesAt + names.length;
  const sectionsAt = stringsAt + strings.length;

  const ident = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    wide ? 2 : 1,
    bigEndian ? 2 : 1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const head = Buffer.concat([
    ident,
    u(type, 2),
    u(machine, 2),
    u(1, 4),
    w(BASE),
    w(headerSize),
    w(section === undefined ? 0 : sectionsAt),
    u(0, 4),
    ...[
      headerSize,
      segmentSize,
      1,
      sectionSize,
      section === undefined ? 0 : symbols === undefined ? 3 : 4,
      2,
    ].map((value) => u(value, 2)),
  ]);
  const range = [w(start), w(BASE + start), w(BASE + start), w(data.length), w(data.length)];
  const segment = wide ? [u(1, 4), u(6, 4), ...range, w(4096)] : [u(1, 4), ...range, u(6, 4), u(4096, 4)];
  const row = (name: number, kind: number, flags: number, address: number, offset: number, size: number) => [
    u(name, 4),
    u(kind, 4),
    w(flags),
    w(address),
    w(offset),
    w(size),
    u(0, 4),
    u(0, 4),
    w(16),
    w(0),
  ];
  const sections = [
    ...row(0, 0, 0, 0, 0, 0),
    ...row(1, 1, flags, BASE + start, start, data.length),
    ...row(0, 3, 0, 0, namesAt, names.length),
    ...(symbols === undefined ? [] : row(2 + (section?.length ?? 0), 3, 0, 0, stringsAt, strings.length)),
  ];
  return Buffer.concat([
    padded(Buffer.concat([head, ...segment]), start),
    data,
    names,
    strings,
    ...(section === undefined ? [] : sections),
  ]);
}

/** A Windows program of one data section; `exports`: where its table of exports is, from its base on. */
export function pe(
  info: (address: number) => Buffer,
  { wide = true, section: sectionName = '.data', symbols = [] as readonly string[], exports = 0 } = {},
): Buffer {
  const start = 0x200;
  const data = info(BASE + 0x1000);
  const le = (value: number, size: 2 | 4 | 8) => integer(value, size, false);
  const optional = Buffer.alloc(wide ? 240 : 224);
  optional.writeUInt16LE(wide ? 0x20b : 0x10b);
  if (wide) le(BASE, 8).copy(optional, 24);
  else le(BASE, 4).copy(optional, 28);
  optional.writeUInt32LE(exports, wide ? 112 : 96);
  const dos = Buffer.alloc(64);
  dos.write('MZ');
  dos.writeUInt32LE(64, 60);
  const strings = symbolNames(symbols);
  // A time, the symbols (one, of 18 bytes), their number.
  const symbolTable = symbols.length === 0 ? [0, 0, 0] : [0, start + data.length, 1];
  const file = [
    ...[le(0x8664, 2), le(1, 2), ...symbolTable.map((value) => le(value, 4))],
    ...[le(optional.length, 2), le(0x22, 2)],
  ];
  const name = padded(Buffer.from(sectionName), 8);
  const section = [le(data.length, 4), le(0x1000, 4), le(data.length, 4), le(start, 4), Buffer.alloc(12)];
  const head = Buffer.concat([
    dos,
    Buffer.from('PE\0\0'),
    ...file,
    optional,
    name,
    ...section,
    le(0xc0000040, 4),
  ]);
  return Buffer.concat([
    padded(head, start + 0x80).subarray(0, start),
    data,
    ...(symbols.length === 0 ? [] : [Buffer.alloc(18), le(strings.length + 4, 4), strings]),
  ]);
}

/** A Mach-O program of one data segment, with a section for the data; `symbolRows`: its table of `symbols`. */
export function machO(
  info: (address: number) => Buffer,
  {
    wide = true,
    bigEndian = false,
    section = '__go_buildinfo',
    symbols = undefined as readonly string[] | undefined,
    symbolRows = Buffer.alloc(0),
  } = {},
): Buffer {
  const u = (value: number) => integer(value, 4, bigEndian);
  const w = (value: number) => integer(value, wide ? 8 : 4, bigEndian);
  const start = 0x200;
  const data = info(BASE);
  const range = [w(BASE), w(data.length), w(start), w(data.length)];
  const fixed = (text: string) => padded(Buffer.from(text), 16);
  const rows = [
    fixed(section),
    fixed('__DATA'),
    w(BASE),
    w(data.length),
    ...[start, 4, 0, 0, 0, 0, 0, ...(wide ? [0] : [])].map(u),
  ];
  const body = Buffer.concat([fixed('__DATA'), ...range, ...[3, 3, 1, 0].map(u), ...rows]);
  const strings = symbolNames(symbols ?? []);
  const stringsAt = start + data.length;
  const count = symbolRows.length / (wide ? 16 : 12);
  const table = [0x2, 24, stringsAt + strings.length, count, stringsAt, strings.length].map(u);
  const segment = Buffer.concat([
    ...[u(wide ? 0x19 : 1), u(body.length + 8), body],
    ...(symbols === undefined ? [] : table),
  ]);
  const head = [
    wide ? 0xfeedfacf : 0xfeedface,
    0x01000007,
    3,
    2,
    symbols === undefined ? 1 : 2,
    segment.length,
    0,
    ...(wide ? [0] : []),
  ].map(u);
  return Buffer.concat([
    padded(Buffer.concat([...head, segment]), start),
    data,
    ...(symbols === undefined ? [] : [strings, symbolRows]),
  ]);
}

/** A universal file of Mach-O programs. */
export function fat(slices: readonly Buffer[]): Buffer {
  const be = (value: number) => integer(value, 4, true);
  let offset = 0x1000;
  const rows: Buffer[] = [];
  const bodies: Buffer[] = [];
  for (const slice of slices) {
    rows.push(be(7), be(3), be(offset), be(slice.length), be(12));
    bodies.push(padded(slice, Math.ceil(slice.length / 0x1000) * 0x1000));
    offset += bodies.at(-1)!.length;
  }
  return Buffer.concat([
    padded(Buffer.concat([be(0xcafebabe), be(slices.length), ...rows]), 0x1000),
    ...bodies,
  ]);
}

function padded(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length))]);
}

/** `bytes` as a detector sees them. */
export function asFile(bytes: Buffer, path = 'app'): RandomAccessFile & Entry {
  return {
    path,
    type: 'file',
    size: bytes.length,
    mode: 0o755,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    indexOf: (needle, from) => bytes.indexOf(needle, from),
  };
}
