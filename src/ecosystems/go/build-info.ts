/** Finds and reads the build info that Go's linker leaves in every program (format: documentation of debug/buildinfo). */

import type { RandomAccessFile } from '../../contract/detector.ts';
import { executablesIn } from '../../formats/programs/executable.ts';
import {
  DATA_REGIONS,
  type Executable,
  fieldsOf,
  type Region,
  readMemory,
} from '../../formats/programs/regions.ts';

/** What the linker wrote, both as text. */
export interface BuildInfo {
  /** E.g. `go1.21.0`, `go1.22.1 X:boringcrypto`, `devel go1.23-0123abc Tue Mar 5 …`. */
  readonly goVersion: string;
  /** Lines of main module, dependencies and build settings; '' if the program was built without modules. */
  readonly modules: string;
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
/** In ELF and in Mach-O. */
const SECTIONS = new Set(['.go.buildinfo', '__go_buildinfo']);
const ALIGN = 16;
const HEADER = 32;
const FLAG_BIG_ENDIAN = 1;
const FLAG_INLINE = 2;

const STRING_LIMIT = 16 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** The linker puts its build info first into the data; so much is searched of a program without section names. */
const SEARCH_LIMIT = 64 * 1024 * 1024;
/** Magics that lead to nothing before the search is given up. */
const TRIES = 16;

/** A program with its build info; `unreadable`: it is there but broken. */
export interface GoProgram {
  readonly executable: Executable;
  readonly info: BuildInfo | 'unreadable';
}

/** Returns the Go programs in the file: several only in a universal one. */
export function goProgramsIn(file: RandomAccessFile): GoProgram[] {
  return executablesIn(file).flatMap((executable) => {
    const info = search(file, executable);
    return info === undefined ? [] : { executable, info };
  });
}

function search(file: RandomAccessFile, executable: Executable): BuildInfo | 'unreadable' | undefined {
  let tries = 0;
  for (const region of candidatesIn(executable)) {
    for (const address of magicsIn(file, region)) {
      const info = decode(file, executable, address);
      if (info) return info;
      if (++tries === TRIES) return 'unreadable';
    }
  }
  return tries > 0 ? 'unreadable' : undefined;
}

/** Where the linker may have put its build info: in a section of its own, else (PE, or stripped of names) into the data. */
function candidatesIn({ sections, data }: Executable): readonly Region[] {
  const named = sections.filter(({ name }) => SECTIONS.has(name)).slice(0, DATA_REGIONS);
  return named.length > 0 ? named.map(({ region }) => region) : data;
}

/** Addresses of the magic at multiples of 16: elsewhere it is a constant of some program that looks for it too. */
function* magicsIn(file: RandomAccessFile, region: Region): Generator<number> {
  const size = Math.min(region.size, SEARCH_LIMIT);
  for (let start = 0; start < size; start += CHUNK) {
    const length = Math.min(CHUNK + MAGIC.length, size - start);
    const bytes = file.read(region.offset + start, length);
    for (let at = bytes.indexOf(MAGIC); at >= 0 && at < CHUNK; at = bytes.indexOf(MAGIC, at + 1)) {
      const address = region.address + start + at;
      if (address % ALIGN === 0) yield address;
    }
  }
}

function decode(file: RandomAccessFile, executable: Executable, address: number): BuildInfo | undefined {
  const header = readMemory(file, executable, address, HEADER);
  const pointerSize = header?.[14];
  const flags = header?.[15];
  if (header === undefined || pointerSize === undefined || flags === undefined) return undefined;
  let version: Buffer | undefined;
  let modules: Buffer | undefined;
  if (flags & FLAG_INLINE) {
    // Since Go 1.18: both strings follow the header, each after its length.
    const first = inlineString(file, executable, address + HEADER);
    version = first?.bytes;
    modules = first && inlineString(file, executable, first.end)?.bytes;
  } else {
    // Before: pointers to Go's string headers (pointer to bytes, length).
    if (pointerSize !== 4 && pointerSize !== 8) return undefined;
    const bigEndian = (flags & FLAG_BIG_ENDIAN) !== 0;
    const pointers = fieldsOf(header, bigEndian);
    const pointer = (index: number) =>
      pointerSize === 8 ? pointers.u64(16 + 8 * index) : pointers.u32(16 + 4 * index);
    const stringAt = (at: number) => pointedString(file, executable, at, pointerSize, bigEndian);
    version = stringAt(pointer(0));
    modules = stringAt(pointer(1));
  }
  if (version === undefined || version.length === 0 || modules === undefined) return undefined;
  return { goVersion: version.toString(), modules: unframed(modules).toString() };
}

/** The string at `at`, after its length as an unsigned LEB128 number. */
function inlineString(
  file: RandomAccessFile,
  executable: Executable,
  at: number,
): { bytes: Buffer; end: number } | undefined {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = readMemory(file, executable, at + index, 1)?.[0];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length > STRING_LIMIT) return undefined;
    const start = at + index + 1;
    const bytes = length === 0 ? Buffer.alloc(0) : readMemory(file, executable, start, length);
    return bytes && { bytes, end: start + length };
  }
  return undefined;
}

function pointedString(
  file: RandomAccessFile,
  executable: Executable,
  at: number,
  pointerSize: 4 | 8,
  bigEndian: boolean,
): Buffer | undefined {
  // A program without modules has no second string: a null pointer, or a header of nothing.
  if (at === 0) return Buffer.alloc(0);
  const header = readMemory(file, executable, at, 2 * pointerSize);
  if (header === undefined) return undefined;
  const fields = fieldsOf(header, bigEndian);
  const [data, length] = pointerSize === 8 ? [fields.u64(0), fields.u64(8)] : [fields.u32(0), fields.u32(4)];
  if (length === 0) return Buffer.alloc(0);
  return length <= STRING_LIMIT ? readMemory(file, executable, data, length) : undefined;
}

/** The module text stands between two markers of 16 bytes, the last of its own bytes being a line feed. */
function unframed(framed: Buffer): Buffer {
  if (framed.length < 33 || framed[framed.length - 17] !== 0x0a) return Buffer.alloc(0);
  return framed.subarray(16, -16);
}
