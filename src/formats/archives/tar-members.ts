/** The files of a tar archive as it streams by: what a publisher packs its records in. */
import { AppError } from '../../errors.ts';
import { BLOCK, hasChecksum, MAX_HEADER, nameOf, numberAt, paxPath, textOf } from './tar-headers.ts';

export interface TarMember {
  /** As written. */
  readonly path: string;
  readonly content: Buffer;
}

export interface TarLimits {
  /** Bytes of one file; a bigger one is told to `tooBig` and skipped. */
  readonly member: number;
  readonly tooBig: (path: string) => void;
}

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
    } else yield { path, content: (await bytes.need(padded)).subarray(0, size) };
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
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) {
          if (missing === length) return undefined;
          throw new AppError('feed', 'the archive ends in the middle');
        }
        this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
      }
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  async need(length: number): Promise<Buffer> {
    const bytes = await this.take(length);
    if (bytes === undefined) throw new AppError('feed', 'the archive ends in the middle');
    return bytes;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const part = await this.need(Math.min(left, 64 * 1024));
      left -= part.length;
    }
  }
}
