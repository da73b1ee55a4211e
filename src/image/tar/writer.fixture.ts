/** Writes tar archives for tests, in every form that the reader knows, sound or broken. */

export interface TarFile {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Type flag; default: '0', '5' for names with a trailing slash. */
  readonly flag?: string;
  readonly link?: string;
  readonly mode?: number;
  /** What the size field says, if not the content's length. */
  readonly size?: number;
  readonly gnu?: boolean;
  readonly prefix?: string;
  /** Changes the block before its checksum is made. */
  readonly patch?: (block: Buffer) => void;
}

/** The whole archive, with its trailer. */
export function tarOf(...files: readonly (TarFile | Buffer)[]): Buffer {
  return Buffer.concat([
    ...files.map((file) => (Buffer.isBuffer(file) ? file : entryOf(file))),
    Buffer.alloc(1024),
  ]);
}

/** One header and its padded content. */
export function entryOf(file: TarFile): Buffer {
  const content = Buffer.from(file.content ?? '');
  return Buffer.concat([headerOf(file, content.length), padded(content)]);
}

/** A PAX header for the next entry. */
export function paxOf(
  records: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  flag = 'x',
): Buffer {
  const pairs = Array.isArray(records) ? records : Object.entries(records);
  return entryOf({
    name: 'PaxHeaders/x',
    flag,
    content: pairs.map(([key, value]) => paxRecord(key, value)).join(''),
  });
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
  return `${length}${rest}`;
}

/** GNU's long name ('L') or link ('K') for the next entry. */
export function longOf(flag: 'L' | 'K', text: string): Buffer {
  return entryOf({ name: '././@LongLink', flag, gnu: true, content: `${text}\0` });
}

/** Regions as old GNU tar writes them: into `block` from `at`. */
export function oldRegions(block: Buffer, at: number, regions: readonly (readonly [number, number])[]): void {
  for (const [i, [offset, length]] of regions.entries()) {
    block.write(octal(offset, 12), at + 24 * i, 'latin1');
    block.write(octal(length, 12), at + 24 * i + 12, 'latin1');
  }
}

export function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

export function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function headerOf(file: TarFile, length: number): Buffer {
  const block = Buffer.alloc(512);
  const name = Buffer.from(file.name);
  name.copy(block, 0, 0, 100);
  block.write(octal(file.mode ?? 0o644, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(file.size ?? length, 12), 124, 'latin1');
  block.write(octal(0, 12), 136, 'latin1');
  block.write(file.flag ?? (name.at(-1) === 0x2f ? '5' : '0'), 156, 'latin1');
  block.write(file.link ?? '', 157, 100);
  block.write(file.gnu ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
  if (file.prefix) block.write(file.prefix, 345, 155);
  file.patch?.(block);
  checksum(block);
  return block;
}

/** Writes the checksum of a header block into it. */
export function checksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
