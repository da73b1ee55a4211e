/** Composes programs with a table of symbols, for tests. */
import { integer, machO, pe } from './programs.fixture.ts';

const BASE = 0x40_0000;
const START = 0x100;

export interface SymbolsOptions {
  readonly wide?: boolean;
  readonly bigEndian?: boolean;
  /** Names of the sections of symbols and of their names. */
  readonly tables?: readonly [symbols: string, names: string];
  /** Bytes behind the data, in front of the tables. */
  readonly padding?: number;
}

/** An ELF program that holds `data`, one value behind the other, each with a symbol of its name. */
export function elfWithSymbols(data: Readonly<Record<string, Buffer>>, options: SymbolsOptions = {}): Buffer {
  const { wide = true, bigEndian = false, tables = ['.dynsym', '.dynstr'], padding = 0 } = options;
  const u = (value: number, size: 2 | 4 | 8) => integer(value, size, bigEndian);
  const w = (value: number) => u(value, wide ? 8 : 4);
  const body = Buffer.concat([...Object.values(data), Buffer.alloc(padding)]);
  const names = Buffer.from(`\0a\0${Object.keys(data).join('\0')}\0`);
  let address = BASE + START;
  // The first is empty, as in every table.
  const symbols = [Buffer.alloc(wide ? 24 : 16)];
  for (const [name, value] of Object.entries(data)) {
    const at = u(names.indexOf(`\0${name}\0`) + 1, 4);
    const rest = [u(0x11, 2), u(1, 2)];
    symbols.push(
      Buffer.concat(
        wide ? [at, ...rest, w(address), w(value.length)] : [at, w(address), w(value.length), ...rest],
      ),
    );
    address += value.length;
  }
  const table = Buffer.concat(symbols);
  const sectionNames = Buffer.from(`\0${tables.join('\0')}\0`);
  const symbolsAt = START + body.length;
  const namesAt = symbolsAt + table.length;
  const sectionNamesAt = namesAt + names.length;
  const sectionsAt = sectionNamesAt + sectionNames.length;
  const section = (name: string, type: number, offset: number, size: number) =>
    Buffer.concat([
      u(name === '' ? 0 : sectionNames.indexOf(`\0${name}\0`) + 1, 4),
      u(type, 4),
      ...[0, 0, offset, size].map(w),
      u(0, 4),
      u(0, 4),
      w(1),
      w(0),
    ]);
  const [headerSize, segmentSize, sectionSize] = wide ? [64, 56, 64] : [52, 32, 40];
  const ident = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    wide ? 2 : 1,
    bigEndian ? 2 : 1,
    1,
    ...Array(9).fill(0),
  ]);
  const range = [w(START), w(BASE + START), w(BASE + START), w(body.length), w(body.length)];
  const head = Buffer.concat([
    ident,
    u(2, 2),
    u(62, 2),
    u(1, 4),
    ...[BASE, headerSize, sectionsAt].map(w),
    u(0, 4),
    ...[headerSize, segmentSize, 1, sectionSize, 4, 3].map((value) => u(value, 2)),
    ...(wide ? [u(1, 4), u(6, 4), ...range, w(4096)] : [u(1, 4), ...range, u(6, 4), u(4096, 4)]),
  ]);
  return Buffer.concat([
    head,
    Buffer.alloc(START - head.length),
    body,
    table,
    names,
    sectionNames,
    section('', 0, 0, 0),
    section(tables[0], 11, symbolsAt, table.length),
    section(tables[1], 3, namesAt, names.length),
    section('', 3, sectionNamesAt, sectionNames.length),
  ]);
}

/** A Mach-O program that holds `data`, one value behind the other, each with a symbol of its name. */
export function machOWithSymbols(
  data: Readonly<Record<string, Buffer>>,
  { wide = true, bigEndian = false, padding = 0 }: SymbolsOptions = {},
): Buffer {
  const u = (value: number, size: 2 | 4 | 8) => integer(value, size, bigEndian);
  const symbols = ['_main', ...Object.keys(data).map((name) => `_${name}`)];
  let [nameAt, address] = [1, BASE];
  const rows = symbols.map((symbol) => {
    const row = Buffer.concat([u(nameAt, 4), Buffer.from([0x0f, 1]), u(0, 2), u(address, wide ? 8 : 4)]);
    nameAt += symbol.length + 1;
    address += data[symbol.slice(1)]?.length ?? 0;
    return row;
  });
  const body = Buffer.concat([...Object.values(data), Buffer.alloc(padding)]);
  return machO(() => body, { wide, bigEndian, symbols, symbolRows: Buffer.concat(rows) });
}

/** Where `pe` maps its data, from the base on. */
const PE_DATA = 0x1000;

/** A Windows program that holds `data`, one value behind the other, each exported by its name. */
export function peWithExports(
  data: Readonly<Record<string, Buffer>>,
  { wide = true, padding = 0 }: Pick<SymbolsOptions, 'wide' | 'padding'> = {},
): Buffer {
  const le = (value: number) => integer(value, 4, false);
  const names = ['main', ...Object.keys(data)];
  const parts = [Buffer.alloc(4), ...Object.values(data), ...names.map((name) => Buffer.from(`${name}\0`))];
  const places: number[] = [];
  let end = PE_DATA;
  for (const part of parts) {
    places.push(end);
    end += part.length;
  }
  const [values, texts] = [places.slice(0, names.length), places.slice(names.length)];
  const table = end + 40;
  const counts = [1, names.length, names.length, table, table + 4 * names.length, table + 8 * names.length];
  const directory = [0, 0, 0, 0, ...counts].map(le);
  const ordinals = names.map((_, index) => integer(index, 2, false));
  const all = [...parts, ...directory, ...[...values, ...texts].map(le), ...ordinals, Buffer.alloc(padding)];
  return pe(() => Buffer.concat(all), { wide, exports: end });
}
