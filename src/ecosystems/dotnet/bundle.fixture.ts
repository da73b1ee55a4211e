/** For tests: a .NET application in one file. */
import { createHash } from 'node:crypto';
import { elf } from '../../formats/programs/programs.fixture.ts';

/** What a host has in its data. */
export const MARKER = createHash('sha256').update('.net core bundle\n').digest();

export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const u32 = (value: number): Buffer => u64(value).subarray(0, 4);

/** A program with `deps` at its end, and the header behind that. */
export function bundle(deps: string | Buffer, version = 6, size = Buffer.byteLength(deps)): Buffer {
  const host = (begin: number) =>
    elf(() => Buffer.concat([u64(begin), MARKER, Buffer.alloc(4096)]), { section: '.data' });
  const at = host(0).length;
  const begin = at + Buffer.byteLength(deps);
  const header = [
    u32(version),
    u32(0),
    u32(1),
    Buffer.from([3]),
    Buffer.from('abc'),
    u64(at),
    u64(size),
    u64(0),
    u64(0),
    u64(0),
  ];
  return Buffer.concat([host(begin), Buffer.from(deps), ...header]);
}
