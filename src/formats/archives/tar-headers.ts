/** Headers of members of a tar archive (POSIX ustar and pax, GNU tar). */
import { AppError } from '../../errors.ts';

export const BLOCK = 512;
/** Longest extended header that is read. */
export const MAX_HEADER = 64 * 1024;

/** The path as its header has it: extended headers before it count more. */
export function nameOf(header: Buffer): string {
  const name = textOf(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar && header[262] === 0 ? textOf(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first zero. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** pax: records `length key=value\n`. */
export function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString())?.[1];
}

/** Octal, or base 256 if the first bit is set, as GNU tar writes big numbers. */
export function numberAt(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  const value =
    field[0]! & 0x80
      ? Number(BigInt(`0x${field.toString('hex')}`) & ((1n << 88n) - 1n))
      : Number.parseInt(textOf(field).trim() || '0', 8);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new AppError('feed', 'the archive has a member without a size');
  return value;
}

/** Whether a block is a header. */
export function hasChecksum(header: Buffer): boolean {
  let sum = 8 * 0x20; // the field itself counts as blanks
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += header[at]!;
  return Number.parseInt(textOf(header.subarray(148, 156)).trim(), 8) === sum;
}
