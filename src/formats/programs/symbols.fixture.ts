/** Composes ELF programs with a table of symbols, for tests. */
import { integer } from './programs.fixture.ts';

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
