/** What is in a tar archive with random access, without its content. */
import { BLOCK, hasChecksum, MAX_HEADER, nameOf, numberAt, paxPath, textOf } from './tar-headers.ts';

/** A regular file, or a second name of one. */
export interface ListedMember {
  /** As written. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Up to `length` bytes of its beginning. */
  start(length: number): Buffer;
}

/** Members in their order, at most `most`. Throws if it ends in the middle, is no archive, or has more. */
export function* listTar(
  read: (offset: number, length: number) => Buffer,
  size: number,
  most: number,
): Generator<ListedMember, void, void> {
  let longName: string | undefined;
  let left = most;
  for (let at = 0; at < size; ) {
    const header = read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (header.length < BLOCK || !hasChecksum(header))
      throw new Error('the archive is no tar archive, or is damaged');
    if (--left < 0) throw new Error(`the archive has over ${most} members`);
    const length = numberAt(header, 124, 12);
    const content = at + BLOCK;
    at = content + Math.ceil(length / BLOCK) * BLOCK;
    if (at > size) throw new Error('the archive ends in the middle');
    const type = String.fromCharCode(header[156]!);
    if ((type === 'x' || type === 'L') && length <= MAX_HEADER) {
      const bytes = read(content, length);
      longName = type === 'L' ? textOf(bytes) : (paxPath(bytes) ?? longName);
      continue;
    }
    const path = longName ?? nameOf(header);
    if (type !== 'g') longName = undefined;
    if (type !== '0' && type !== '\0' && type !== '7' && type !== '1') continue;
    yield {
      path,
      mode: numberAt(header, 100, 8),
      size: length,
      start: (wanted) => read(content, Math.min(wanted, length)),
    };
  }
}
