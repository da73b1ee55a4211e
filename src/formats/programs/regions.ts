/** What ELF, PE and Mach-O have in common: memory that is backed by the file, sections with names, numbers in a byte order. */
import type { RandomAccessFile } from '../../contract/detector.ts';

/** A stretch of memory that the file holds: `size` bytes at `offset` appear at `address`. */
export interface Region {
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** A part of the file that the linker gave a name. */
export interface Section {
  /** The first 32 bytes of it, as Latin-1. */
  readonly name: string;
  readonly region: Region;
}

/** Records of symbols, and the names that they point into. */
export interface SymbolTable {
  readonly rows: Region;
  readonly names: Region;
}

export type ExecutableFormat = 'elf' | 'pe' | 'mach-o';

/** One program; a universal Mach-O file holds several. */
export interface Executable {
  readonly format: ExecutableFormat;
  /** Its architecture, by the number that its format has for it. */
  readonly machine: number;
  /** Whether it is of 64 bits. */
  readonly wide: boolean;
  readonly bigEndian: boolean;
  /** Where names of its symbols lie, each with a zero after it; [] if it was stripped. */
  readonly symbolNames: readonly Region[];
  /** Of ELF and Mach-O, those for the loader first. */
  readonly symbolTables: readonly SymbolTable[];
  /** Of PE: what its addresses count from, and where in memory its table of exports is. */
  readonly exports?: { readonly base: number; readonly address: number };
  /** All of memory that the file holds: pointers are resolved through these. */
  readonly memory: readonly Region[];
  readonly sections: readonly Section[];
  /** The first few stretches of memory that hold data of the program: writable and not code. */
  readonly data: readonly Region[];
}

/** Data regions of a program that are worth a search. */
export const DATA_REGIONS = 4;

/** Reads numbers of a header table in the file's byte order; an offset outside of `bytes` throws RangeError. */
export interface HeaderFields {
  u16(offset: number): number;
  u32(offset: number): number;
  /** A 64-bit number; those that no file offset can have (over 2^53) read as NaN, which no comparison lets through. */
  u64(offset: number): number;
}

/** Numbers of `bytes` in one byte order. */
export function fieldsOf(bytes: Buffer, bigEndian: boolean): HeaderFields {
  return {
    u16: (offset) => (bigEndian ? bytes.readUInt16BE(offset) : bytes.readUInt16LE(offset)),
    u32: (offset) => (bigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset)),
    u64(offset) {
      const value = bigEndian ? bytes.readBigUInt64BE(offset) : bytes.readBigUInt64LE(offset);
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
    },
  };
}

/** A table of a header, whole: undefined if it is longer than `limit` or than the file. */
export function readTable(
  file: RandomAccessFile,
  offset: number,
  length: number,
  limit: number,
): Buffer | undefined {
  if (!(offset >= 0 && length > 0 && length <= limit && offset + length <= file.size)) return undefined;
  const bytes = file.read(offset, length);
  return bytes.length === length ? bytes : undefined;
}

/** `region` as far as the file goes; undefined if none of it is there. */
export function clip(region: Region, fileSize: number): Region | undefined {
  const { address, offset } = region;
  const size = Math.min(region.size, fileSize - offset);
  return address >= 0 && offset >= 0 && size > 0 ? { address, offset, size } : undefined;
}

/** Exactly `length` bytes of memory at `address`; undefined if the file does not hold them all in one region. */
export function readMemory(
  file: RandomAccessFile,
  executable: Executable,
  address: number,
  length: number,
): Buffer | undefined {
  for (const region of executable.memory) {
    const into = address - region.address;
    if (!(into >= 0 && into + length <= region.size)) continue;
    const bytes = file.read(region.offset + into, length);
    return bytes.length === length ? bytes : undefined;
  }
  return undefined;
}
