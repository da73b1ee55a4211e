/** Sections of a Windows program (Microsoft's PE format), as far as finding data in it needs them. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import {
  clip,
  DATA_REGIONS,
  type Executable,
  fieldsOf,
  type Region,
  readTable,
  type Section,
} from './regions.ts';

const SECTION = 40;
/** Of a record in the table of symbols. */
const SYMBOL = 18;
const INITIALIZED_DATA = 0x40;
const WRITABLE = 0x8000_0000;

/** Whether `head` may begin a Windows program; a DOS program says so itself if its header is in `head`. */
export function isPe(head: Buffer): boolean {
  if (head.length < 64 || head.toString('latin1', 0, 2) !== 'MZ') return false;
  const header = head.readUInt32LE(60);
  return header + 4 > head.length || head.toString('latin1', header, header + 4) === 'PE\0\0';
}

/** undefined: the file is no Windows program, or its headers cannot be read. */
export function readPe(file: RandomAccessFile): Executable | undefined {
  const dos = file.read(0, 64);
  if (!isPe(dos)) return undefined;
  const at = dos.readUInt32LE(60);
  const header = readTable(file, at, 24, 24);
  if (header?.toString('latin1', 0, 4) !== 'PE\0\0') return undefined;
  const optionalSize = header.readUInt16LE(20);
  const optional = readTable(file, at + 24, optionalSize, 0xffff);
  const count = header.readUInt16LE(6);
  const table = readTable(file, at + 24 + optionalSize, count * SECTION, 0xffff * SECTION);
  if (optional === undefined || optional.length < 32 || table === undefined) return undefined;
  // PE32+ widens ImageBase to 8 bytes.
  const fields = fieldsOf(optional, false);
  const wide = fields.u16(0) === 0x20b;
  const base = wide ? fields.u64(24) : fields.u32(28);

  const memory: Region[] = [];
  const sections: Section[] = [];
  const data: Region[] = [];
  for (let row = 0; row < table.length; row += SECTION) {
    const region = clip(
      {
        address: base + table.readUInt32LE(row + 12),
        offset: table.readUInt32LE(row + 20),
        size: table.readUInt32LE(row + 16),
      },
      file.size,
    );
    if (region === undefined) continue;
    memory.push(region);
    // PE format, "Section Table": 8 bytes, padded with zeros; longer names are for objects only.
    sections.push({ name: table.toString('latin1', row, row + 8).replace(/\0.*$/s, ''), region });
    const flags = table.readUInt32LE(row + 36);
    if (flags & INITIALIZED_DATA && flags & WRITABLE) data.push(region);
  }
  return {
    format: 'pe',
    machine: header.readUInt16LE(4),
    wide,
    bigEndian: false,
    symbolTables: [],
    ...exportsOf(optional, wide, base),
    symbolNames: symbolNames(file, header),
    memory,
    sections,
    data: data.slice(0, DATA_REGIONS),
  };
}

/** PE format, "Optional Header Data Directories": the first is that of exports. */
function exportsOf(optional: Buffer, wide: boolean, base: number): Pick<Executable, 'exports'> {
  const directories = wide ? 112 : 96;
  if (optional.length < directories + 8) return {};
  const address = optional.readUInt32LE(directories);
  return address === 0 ? {} : { exports: { base, address: base + address } };
}

/** PE format, "COFF String Table": behind the symbols, its size first. Only GNU's linker writes one into programs. */
function symbolNames(file: RandomAccessFile, header: Buffer): Region[] {
  const [symbols, count] = [header.readUInt32LE(12), header.readUInt32LE(16)];
  if (symbols === 0) return [];
  const offset = symbols + count * SYMBOL;
  const size = readTable(file, offset, 4, 4)?.readUInt32LE() ?? 0;
  const names = clip({ address: 0, offset: offset + 4, size: size - 4 }, file.size);
  return names ? [names] : [];
}
