/** Composes the build info that Go's linker leaves in programs, for tests. */
import { integer } from '../../formats/programs/programs.fixture.ts';

export interface Program {
  readonly version: string;
  readonly modules: string;
}

const MARKER = Buffer.alloc(16, 0xa5);

export function framed(modules: string): Buffer {
  return modules === '' ? Buffer.alloc(0) : Buffer.concat([MARKER, Buffer.from(modules), MARKER]);
}

/** Build info as since Go 1.18. */
export function inlineInfo({ version, modules }: Program): Buffer {
  const text = framed(modules);
  return Buffer.concat([
    header(0, 2),
    varint(version.length),
    Buffer.from(version),
    varint(text.length),
    text,
  ]);
}

/** Build info as before Go 1.18, to lie at `address`. */
export function pointerInfo({ version, modules }: Program, address: number, size: 4 | 8, bigEndian: boolean) {
  const text = framed(modules);
  const head = header(size, bigEndian ? 1 : 0);
  const number = (value: number) => integer(value, size, bigEndian);
  const strings = address + 32;
  const bytes = strings + 4 * size;
  number(strings).copy(head, 16);
  number(strings + 2 * size).copy(head, 16 + size);
  return Buffer.concat([
    head,
    number(bytes),
    number(version.length),
    number(bytes + version.length),
    number(text.length),
    Buffer.from(version),
    text,
  ]);
}

function header(pointerSize: number, flags: number): Buffer {
  const head = Buffer.alloc(32);
  head.write('\xff Go buildinf:', 'latin1');
  head[14] = pointerSize;
  head[15] = flags;
  return head;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.from([...bytes, value]);
}
