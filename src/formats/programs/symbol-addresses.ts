/**
 * Where symbols of programs are in memory, by their names: those of ELF (System V ABI, chapter 4, "Symbol Table") and Mach-O
 * (<mach-o/nlist.h>) in tables of symbols, those of PE in the table of exports (PE format, "The .edata Section").
 */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { executablesIn } from './executable.ts';
import { type Executable, fieldsOf, readMemory, type SymbolTable } from './regions.ts';

/** Tables of programs that were not stripped have some ten MiB; longer ones are not searched. */
const TABLE_LIMIT = 64 * 1024 * 1024;
/** Names that a Windows program exports; each may take a read of its own. */
const MAX_EXPORTS = 100_000;

export interface Symbols {
  readonly executable: Executable;
  /** Their addresses, by name. */
  readonly addresses: ReadonlyMap<string, number>;
}

/** Those of `wanted` in the first program and table that has all of them. undefined: it is no program, or no table has them. */
export function symbolAddresses(file: RandomAccessFile, wanted: readonly string[]): Symbols | undefined {
  for (const executable of executablesIn(file)) {
    for (const table of executable.symbolTables) {
      const addresses = addressesIn(file, executable, table, wanted);
      if (addresses?.size === wanted.length) return { executable, addresses };
    }
    const exported = exportedAddresses(file, executable, wanted);
    if (exported?.size === wanted.length) return { executable, addresses: exported };
  }
  return undefined;
}

/** Bytes of a record, and where in it the address is; each begins with the place of its name. */
function shapeOf({ format, wide }: Executable): readonly [entry: number, valueAt: number] {
  if (format === 'elf') return wide ? [24, 8] : [16, 4];
  return wide ? [16, 8] : [12, 8];
}

function addressesIn(
  file: RandomAccessFile,
  executable: Executable,
  { rows, names: texts }: SymbolTable,
  wanted: readonly string[],
): Map<string, number> | undefined {
  if (rows.size > TABLE_LIMIT || texts.size > TABLE_LIMIT) return undefined;
  const names = file.read(texts.offset, texts.size);
  // C's names begin with an underscore in Mach-O.
  const prefix = executable.format === 'mach-o' ? '_' : '';
  // A name may be the end of a longer one: what precedes it says nothing.
  if (!wanted.every((name) => names.includes(`${prefix}${name}\0`, 0, 'latin1'))) return undefined;
  const { wide, bigEndian } = executable;
  const [entry, valueAt] = shapeOf(executable);
  const table = file.read(rows.offset, rows.size);
  const fields = fieldsOf(table, bigEndian);
  const found = new Map<string, number>();
  for (let at = 0; at + entry <= table.length && found.size < wanted.length; at += entry) {
    const start = fields.u32(at);
    for (const name of wanted) {
      const end = start + prefix.length + name.length;
      if (names[end] !== 0 || names.toString('latin1', start, end) !== prefix + name) continue;
      found.set(name, wide ? fields.u64(at + valueAt) : fields.u32(at + valueAt));
    }
  }
  return found;
}

function exportedAddresses(
  file: RandomAccessFile,
  executable: Executable,
  wanted: readonly string[],
): Map<string, number> | undefined {
  if (executable.exports === undefined) return undefined;
  const { base, address } = executable.exports;
  const memory = (at: number, length: number) => readMemory(file, executable, at, length);
  const directory = memory(address, 40);
  if (directory === undefined) return undefined;
  const [functions, count] = [directory.readUInt32LE(20), directory.readUInt32LE(24)];
  if (count === 0 || count > MAX_EXPORTS || functions === 0 || functions > MAX_EXPORTS) return undefined;
  const at = (field: number) => base + directory.readUInt32LE(field);
  const [addresses, names, ordinals] = [
    memory(at(28), functions * 4),
    memory(at(32), count * 4),
    memory(at(36), count * 2),
  ];
  if (addresses === undefined || names === undefined || ordinals === undefined) return undefined;
  const found = new Map<string, number>();
  for (let index = 0; index < count && found.size < wanted.length; index++) {
    const place = base + names.readUInt32LE(index * 4);
    const ordinal = ordinals.readUInt16LE(index * 2);
    if (ordinal >= functions) continue;
    for (const name of wanted)
      if (memory(place, name.length + 1)?.toString('latin1') === `${name}\0`)
        found.set(name, base + addresses.readUInt32LE(ordinal * 4));
  }
  return found;
}
