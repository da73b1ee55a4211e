/** Composes the function tables of Go's linker, and programs that have one, for tests. */
import { type ElfOptions, elf, integer } from '../../formats/programs/programs.fixture.ts';
import { inlineInfo, type Program } from './build-info.fixture.ts';

export interface TableOptions {
  /** N of Go 1.N. */
  readonly release?: number;
  readonly pointer?: 4 | 8;
  readonly bigEndian?: boolean;
  /** Names of functions that are only there within others. */
  readonly inlined?: readonly string[];
}

/** The table of a program with functions of these names. */
export function functionTable(
  functions: readonly string[],
  { release = 21, pointer = 8, bigEndian = false, inlined = [] }: TableOptions = {},
): Buffer {
  const u32 = (value: number) => integer(value, 4, bigEndian);
  const word = (value: number) => integer(value, pointer, bigEndian);
  const magic =
    release >= 20 ? 0xfffffff1 : release >= 18 ? 0xfffffff0 : release >= 16 ? 0xfffffffa : 0xfffffffb;
  const start = Buffer.concat([u32(magic), Buffer.from([0, 0, 1, pointer])]);
  const named = (names: readonly string[], from: number) => {
    let at = from;
    return names.map((name) => {
      const bytes = Buffer.from(`${name}\0`);
      at += bytes.length;
      return { bytes, at: at - bytes.length };
    });
  };
  if (release < 16) {
    const listSize = 2 * pointer * functions.length;
    // Each is described by its address, the offset of its name, and numbers; its name and those of the inlined come after.
    const first = 8 + pointer + listSize + pointer + 4;
    const described = 4 * pointer;
    const names = named([...functions, ...inlined], first + described * functions.length);
    const list = functions.map((_, n) => [word(0x401000 + 16 * n), word(first + described * n)]);
    const all = functions.map((_, n) =>
      Buffer.concat([word(0x401000 + 16 * n), u32(names[n]!.at), Buffer.alloc(described - pointer - 4)]),
    );
    const parts = [start, word(functions.length), ...list.flat(), word(0x402000), u32(0)];
    return Buffer.concat([...parts, ...all, ...names.map(({ bytes }) => bytes), Buffer.alloc(8)]);
  }
  const narrow = release >= 18;
  const words = narrow ? 8 : 7;
  const names = named([...functions, ...inlined], 0);
  const block = Buffer.concat(names.map(({ bytes }) => bytes));
  const namesAt = 8 + words * pointer;
  const listAt = namesAt + block.length + 8;
  const number = narrow ? u32 : word;
  const entry = narrow ? 8 : 2 * pointer;
  const described = 16;
  const list = functions.map((_, n) => [number(16 * n), number(entry * functions.length + described * n)]);
  const all = functions.map((_, n) => {
    const head = Buffer.concat([narrow ? u32(16 * n) : word(16 * n), u32(names[n]!.at)]);
    return Buffer.concat([head, Buffer.alloc(described - head.length)]);
  });
  const places = [
    namesAt,
    namesAt + block.length,
    namesAt + block.length + 4,
    namesAt + block.length + 4,
    listAt,
  ];
  const header = [functions.length, 1, ...(narrow ? [0x401000] : []), ...places].map(word);
  return Buffer.concat([start, ...header, block, Buffer.alloc(8), ...list.flat(), ...all]);
}

/** Functions that every program has. */
export const RUNTIME: readonly string[] = ['runtime.main', 'main.main'];

/** The data of a program: its function table, and its build info behind that. */
export function goData(program: Program, table: Buffer): Buffer {
  return Buffer.concat([table, Buffer.alloc(-table.length & 15), inlineInfo(program)]);
}

/** An ELF program that was linked with `functions`. */
export function goProgram(program: Program, functions: readonly string[], options: ElfOptions = {}): Buffer {
  return elf(() => goData(program, functionTable([...RUNTIME, ...functions])), options);
}
