/** What a program says of how it was made, where it says nothing of what it is made of. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import type { Mark } from '../../model/ledger.ts';
import { bundleOf } from './dotnet-host.ts';
import { executablesIn } from './executable.ts';
import type { Executable, Region } from './regions.ts';
import { RUNNABLE_HEAD } from './runnable.ts';

/** Go puts its build id near the beginning: as a note of ELF, elsewhere as text before the code (cmd/internal/buildid). */
const GO_HEAD = 16 * 1024;
const GO_NOTE = Buffer.from('\x04\0\0\0Go\0\0', 'latin1');
const GO_TEXT = Buffer.from('\xff Go build ID: "', 'latin1');
const GO_SECTIONS = new Set(['.gopclntab', '.go.buildinfo', '.note.go.buildid', '__gopclntab']);

/** The compiler's own comment; and panics name the source of the standard library by its commit: `/rustc/2f76…/library`. */
const RUST_COMMENT = Buffer.from('rustc version');
const RUST_SOURCE = Buffer.from('/rustc/');
const RUST_COMMIT = /^\/rustc\/[0-9a-f]{40}/;
const RUST_TEXTS = new Set(['.rodata', '.rdata', '__const', '__cstring']);

/** Bytes that are searched of a section. */
const MOST = 8 * 1024 * 1024;

/** The marks of a program or library, in the order of `MARKS`; none for what is neither. */
export function programMarks(file: RandomAccessFile): Mark[] {
  const programs = executablesIn(file);
  const head = file.read(0, RUNNABLE_HEAD);
  const marks: Mark[] = [];
  // UPX writes its name behind the headers of ELF, and into the names of the sections of PE.
  if (head.includes('UPX!') || head.includes('UPX0')) marks.push('packed');
  if (isGo(file, programs)) marks.push('go');
  else if (isRust(file, programs)) marks.push('rust');
  else if (isDotnet(file, head, programs)) marks.push('dotnet');
  const sections = programs.flatMap((program) => program.sections);
  if (head[0] === 0x7f && !sections.some(({ name }) => name === '.symtab')) marks.push('stripped');
  return marks;
}

function isGo(file: RandomAccessFile, programs: readonly Executable[]): boolean {
  if (programs.some(({ sections }) => sections.some(({ name }) => GO_SECTIONS.has(name)))) return true;
  // ELF has them as long as it has sections at all.
  if (programs.some(({ format, sections }) => format === 'elf' && sections.length > 0)) return false;
  const start = file.read(0, GO_HEAD);
  return start.includes(GO_TEXT) || start.includes(GO_NOTE);
}

function isRust(file: RandomAccessFile, programs: readonly Executable[]): boolean {
  return programs.some(({ sections }) =>
    sections.some(({ name, region }) => {
      if (name === '.comment') return partOf(file, region).includes(RUST_COMMENT);
      return RUST_TEXTS.has(name) && namesRust(partOf(file, region));
    }),
  );
}

function namesRust(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(RUST_SOURCE), tries = 0; at >= 0 && tries < 100; tries++) {
    if (RUST_COMMIT.test(bytes.toString('latin1', at, at + 47))) return true;
    at = bytes.indexOf(RUST_SOURCE, at + 1);
  }
  return false;
}

function isDotnet(file: RandomAccessFile, head: Buffer, programs: readonly Executable[]): boolean {
  return isManaged(head) || bundleOf(file, programs) !== undefined;
}

/** PE format, "Optional Header Data Directories": the fifteenth is that of .NET. */
function isManaged(head: Buffer): boolean {
  if (head.toString('latin1', 0, 2) !== 'MZ' || head.length < 64) return false;
  const optional = head.readUInt32LE(60) + 24;
  if (optional + 240 > head.length) return false;
  const directories = head.readUInt16LE(optional) === 0x20b ? 112 : 96;
  return (
    head.readUInt32LE(optional + directories - 4) > 14 &&
    head.readUInt32LE(optional + directories + 14 * 8) !== 0
  );
}

function partOf(file: RandomAccessFile, { offset, size }: Region): Buffer {
  return file.read(offset, Math.min(size, MOST));
}
