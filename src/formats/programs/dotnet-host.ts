/** What starts the assemblies of a .NET application, and where one that has them in itself says what they are. */
import { createHash } from 'node:crypto';
import type { RandomAccessFile } from '../../contract/detector.ts';
import type { Executable } from './regions.ts';

/** In its data; before it stands where in the file the bundle begins, 0 for none (dotnet/runtime, bundle_marker.cpp). */
const MARKER = createHash('sha256').update('.net core bundle\n').digest();

/** Bytes that are searched of a stretch of data. */
const MOST = 8 * 1024 * 1024;

/** Where the bundle of a .NET host begins, 0 if it has none; undefined: it is no such host. */
export function bundleOf(file: RandomAccessFile, programs: readonly Executable[]): number | undefined {
  for (const { data } of programs) {
    for (const { offset, size } of data) {
      const bytes = file.read(offset, Math.min(size, MOST));
      const at = bytes.indexOf(MARKER);
      if (at < 0) continue;
      const begin = at < 8 ? 0n : bytes.readBigUInt64LE(at - 8);
      return begin > BigInt(file.size) ? file.size : Number(begin);
    }
  }
  return undefined;
}
