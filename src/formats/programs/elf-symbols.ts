/** Symbols of ELF files by their names (System V ABI, chapter 4, "Symbol Table"). */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { readElf } from './elf.ts';
import { type Executable, fieldsOf, type Region } from './regions.ts';

/** Tables of programs that were not stripped have some ten MiB; longer ones are not searched. */
const TABLE_LIMIT = 64 * 1024 * 1024;

/** Each table of symbols with that of its names. */
const TABLES = [
  ['.dynsym', '.dynstr'],
  ['.symtab', '.strtab'],
] as const;

export interface ElfSymbols {
  readonly executable: Executable;
  readonly bigEndian: boolean;
  /** Their addresses, by name. */
  readonly addresses: ReadonlyMap<string, number>;
}

/** Those of `wanted` in the first table that has all of them. undefined: it is not ELF, or no table has them. */
export function elfSymbols(file: RandomAccessFile, wanted: readonly string[]): ElfSymbols | undefined {
  const executable = readElf(file);
  if (executable === undefined) return undefined;
  const [, , , , kind, order] = file.read(0, 6);
  const [wide, bigEndian] = [kind === 2, order === 2];
  const tableOf = (name: string): Region | undefined =>
    executable.sections.find((section) => section.name === name && section.region.size <= TABLE_LIMIT)
      ?.region;
  for (const [symbolsName, namesName] of TABLES) {
    const [symbols, texts] = [tableOf(symbolsName), tableOf(namesName)];
    if (symbols === undefined || texts === undefined) continue;
    const names = file.read(texts.offset, texts.size);
    // A name may be the end of a longer one: what precedes it says nothing.
    if (!wanted.every((name) => names.includes(`${name}\0`, 0, 'latin1'))) continue;
    const addresses = addressesIn(file.read(symbols.offset, symbols.size), names, wanted, wide, bigEndian);
    if (addresses.size === wanted.length) return { executable, bigEndian, addresses };
  }
  return undefined;
}

function addressesIn(
  table: Buffer,
  names: Buffer,
  wanted: readonly string[],
  wide: boolean,
  bigEndian: boolean,
): Map<string, number> {
  const [entry, valueAt] = wide ? [24, 8] : [16, 4];
  const fields = fieldsOf(table, bigEndian);
  const found = new Map<string, number>();
  for (let at = 0; at + entry <= table.length && found.size < wanted.length; at += entry) {
    const start = fields.u32(at);
    for (const name of wanted) {
      const end = start + name.length;
      if (names[end] !== 0 || names.toString('latin1', start, end) !== name) continue;
      found.set(name, wide ? fields.u64(at + valueAt) : fields.u32(at + valueAt));
    }
  }
  return found;
}
