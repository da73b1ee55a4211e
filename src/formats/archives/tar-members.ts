/** The files of a tar archive as it streams by: what a publisher packs its records in. */
import { isAscii } from 'node:buffer';
import { AppError } from '../../errors.ts';
import { BLOCK, hasChecksum, MAX_HEADER, nameOf, numberAt, paxPath, textOf } from './tar-headers.ts';

export interface TarMember {
  /** As written. */
  readonly path: string;
  /** UTF-8. */
  readonly text: string;
}

export interface TarLimits {
  /** Bytes of one file; a bigger one is told to `tooBig` and skipped. */
  readonly member: number;
  readonly tooBig: (path: string) => void;
}

/** Members of more bytes are read with an eye on memory: the collector may let what is smaller wait. */
const MUCH = 1024 * 1024;

/**
 * Regular files, in their order, one in memory at a time. Only those that `wanted` says are kept.
 * Throws `feed` if the archive ends in the middle or is none.
 */
export async function* tarMembers(
  chunks: AsyncIterable<Uint8Array>,
  wanted: (path: string) => boolean,
  { member: limit, tooBig }: TarLimits,
): AsyncGenerator<TarMember, void, void> {
  const bytes = new Bytes(chunks);
  let longName: string | undefined;
  for (;;) {
    const header = await bytes.take(BLOCK);
    // POSIX ustar: two blocks of zeros end it; GNU tar is content with one.
    if (header === undefined || header.every((byte) => byte === 0)) return;
    if (!hasChecksum(header)) throw new AppError('feed', 'the archive is not a tar archive, or is damaged');
    const size = numberAt(header, 124, 12);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    if ((type === 'x' || type === 'L') && size <= MAX_HEADER) {
      const content = (await bytes.need(padded)).subarray(0, size);
      longName = type === 'L' ? textOf(content) : (paxPath(content) ?? longName);
      continue;
    }
    const path = longName ?? nameOf(header);
    if (type !== 'g') longName = undefined;
    const isFile = type === '0' || type === '\0' || type === '7';
    if (!isFile || !wanted(path)) await bytes.skip(padded);
    else if (size > limit) {
      tooBig(path);
      await bytes.skip(padded);
    } else yield { path, text: await bytes.text(size, padded) };
  }
}

/** Takes bytes off a stream in the pieces that are asked for. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** undefined: the stream is at its end. */
  async take(length: number): Promise<Buffer | undefined> {
    if (length > 0 && !(await this.#fill())) return undefined;
    if (length > this.#rest.length) return await this.#gather(length);
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }

  async need(length: number): Promise<Buffer> {
    const bytes = await this.take(length);
    if (bytes === undefined) throw cutOff();
    return bytes;
  }

  /** The text in the first `length` of `padded` bytes. */
  async text(length: number, padded: number): Promise<string> {
    if (padded <= this.#rest.length || length < MUCH)
      return (await this.need(padded)).toString('utf8', 0, length);
    const bytes = await this.#gather(padded);
    const text = narrowText(bytes.subarray(0, length));
    bytes.buffer.transfer(0); // at once: a document of 16 MB would else be there twice while it is parsed
    return text;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (!(await this.#fill())) throw cutOff();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
    }
  }

  /** Bytes of several chunks, written together as they come: a list of chunks to be joined would hold them twice. */
  async #gather(length: number): Promise<Buffer<ArrayBuffer>> {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let filled = 0; filled < length; ) {
      if (!(await this.#fill())) throw cutOff();
      const count = this.#rest.copy(bytes, filled);
      this.#rest = this.#rest.subarray(count);
      filled += count;
    }
    return bytes;
  }

  /** Whether there are bytes left. */
  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    return true;
  }
}

function cutOff(): AppError {
  return new AppError('feed', 'the archive ends in the middle');
}

/**
 * A text in UTF-8, with one byte per character in memory if all are below U+0100: `toString` takes two as soon as one is not
 * ASCII, which is 32 MB for a document of 16. Writes over `bytes`.
 */
function narrowText(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isNarrow(bytes)) return bytes.toString();
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    bytes[to++] = byte < 0x80 ? byte : ((byte & 3) << 6) | (bytes[++at]! & 0x3f);
  }
  return bytes.toString('latin1', 0, to);
}

/** Whether all characters are ASCII or U+0080 to U+00FF, which are C2 or C3 and a second byte. */
function isNarrow(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte < 0x80) continue;
    if ((byte !== 0xc2 && byte !== 0xc3) || (bytes[++at]! & 0xc0) !== 0x80) return false;
  }
  return true;
}
