/** Segments of a Mach-O program, also several in one universal file (<mach-o/loader.h>, <mach-o/fat.h>). */
import type { RandomAccessFile } from '../../contract/detector.ts';
import {
  clip,
  DATA_REGIONS,
  type Executable,
  fieldsOf,
  type Region,
  readTable,
  type Section,
  type SymbolTable,
} from './regions.ts';

const COMMANDS_LIMIT = 4 * 1024 * 1024;
const LC_SEGMENT = 0x1;
const LC_SEGMENT_64 = 0x19;
const LC_SYMTAB = 0x2;
const READ_WRITE = 3;
const FAT = 0xcafebabe;
const FAT_64 = 0xcafebabf;
/** Java classes begin as universal files do; there the next number is the version of the class format: 45 and up. */
const FAT_LIMIT = 20;

/** Whether `head` begins a Mach-O program or a universal file of them. */
export function isMachO(head: Buffer): boolean {
  if (head.length < 28) return false;
  return formOf(head) !== undefined || fatForm(head) !== undefined;
}

/** The programs in the file, one for each architecture; none if it is no Mach-O file or cannot be read. */
export function readMachO(file: RandomAccessFile): Executable[] {
  const head = file.read(0, 28);
  if (head.length < 28) return [];
  const fat = fatForm(head);
  if (fat === undefined) return [readSlice(file, 0)].filter((slice) => slice !== undefined);
  const entry = fat.wide ? 32 : 20;
  const table = readTable(file, 8, fat.count * entry, FAT_LIMIT * entry);
  if (table === undefined) return [];
  const fields = fieldsOf(table, true);
  const slices: Executable[] = [];
  for (let at = 0; at < table.length; at += entry) {
    const slice = readSlice(file, fat.wide ? fields.u64(at + 8) : fields.u32(at + 8));
    if (slice) slices.push(slice);
  }
  return slices;
}

function fatForm(head: Buffer): { wide: boolean; count: number } | undefined {
  const magic = head.readUInt32BE(0);
  const count = head.readUInt32BE(4);
  if ((magic !== FAT && magic !== FAT_64) || count < 1 || count > FAT_LIMIT) return undefined;
  return { wide: magic === FAT_64, count };
}

function formOf(head: Buffer): { wide: boolean; bigEndian: boolean } | undefined {
  switch (head.readUInt32LE(0)) {
    case 0xfeedface:
      return { wide: false, bigEndian: false };
    case 0xfeedfacf:
      return { wide: true, bigEndian: false };
    case 0xcefaedfe:
      return { wide: false, bigEndian: true };
    case 0xcffaedfe:
      return { wide: true, bigEndian: true };
    default:
      return undefined;
  }
}

function readSlice(file: RandomAccessFile, start: number): Executable | undefined {
  const head = readTable(file, start, 28, 28);
  const form = head && formOf(head);
  if (head === undefined || form === undefined) return undefined;
  const { wide, bigEndian } = form;
  const size = fieldsOf(head, bigEndian).u32(20);
  const commands = readTable(file, start + (wide ? 32 : 28), size, COMMANDS_LIMIT);
  if (commands === undefined) return undefined;
  const fields = fieldsOf(commands, bigEndian);
  const place = (address: number, offset: number, length: number) =>
    clip({ address, offset: start + offset, size: length }, file.size);

  const memory: Region[] = [];
  const sections: Section[] = [];
  const data: Region[] = [];
  const symbolNames: Region[] = [];
  const symbolTables: SymbolTable[] = [];
  for (let at = 0; at + 8 <= commands.length; ) {
    const command = fields.u32(at);
    const length = fields.u32(at + 4);
    if (length < 8 || at + length > commands.length) break;
    if (command === (wide ? LC_SEGMENT_64 : LC_SEGMENT) && length >= (wide ? 72 : 56)) {
      const region = wide
        ? place(fields.u64(at + 24), fields.u64(at + 40), fields.u64(at + 48))
        : place(fields.u32(at + 24), fields.u32(at + 32), fields.u32(at + 36));
      if (region) {
        memory.push(region);
        if (fields.u32(at + (wide ? 60 : 44)) === READ_WRITE) data.push(region);
      }
      const entry = wide ? 80 : 68;
      const first = at + (wide ? 72 : 56);
      const count = Math.min(fields.u32(at + (wide ? 64 : 48)), Math.floor((at + length - first) / entry));
      for (let row = first; row < first + count * entry; row += entry) {
        const region = wide
          ? place(fields.u64(row + 32), fields.u32(row + 48), fields.u64(row + 40))
          : place(fields.u32(row + 32), fields.u32(row + 40), fields.u32(row + 36));
        const name = commands.toString('latin1', row, row + 16).replace(/\0.*$/s, '');
        if (region) sections.push({ name, region });
      }
    }
    if (command === LC_SYMTAB && length >= 24) {
      const names = place(0, fields.u32(at + 16), fields.u32(at + 20));
      const rows = place(0, fields.u32(at + 8), fields.u32(at + 12) * (wide ? 16 : 12));
      if (names) symbolNames.push(names);
      if (names && rows) symbolTables.push({ rows, names });
    }
    at += length;
  }
  return {
    format: 'mach-o',
    machine: fieldsOf(head, bigEndian).u32(4),
    wide,
    bigEndian,
    symbolNames: symbolNames.slice(0, DATA_REGIONS),
    symbolTables,
    memory,
    sections,
    data: data.slice(0, DATA_REGIONS),
  };
}
