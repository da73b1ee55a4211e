/** Reads a SQLite file together with what its write-ahead log has beyond it: a container that was stopped leaves one behind. */

import type { FileBytes } from '../file-bytes.ts';

// sqlite.org/fileformat2.html, "The Write-Ahead Log"; all numbers but the words of checksums are big endian.
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;
const HEADER = 32;
const FRAME_HEADER = 24;

type Checksum = readonly [number, number];

/** `file` with the pages of all finished transactions of `wal`; `file` itself if there are none. */
export function withWal(file: FileBytes, wal: FileBytes): FileBytes {
  if (wal.size < HEADER) return file;
  const header = wal.part(0, HEADER);
  const magic = header.readUInt32BE(0);
  const size = header.readUInt32BE(8);
  const written = file.part(16, 2).readUInt16BE(0);
  if ((magic !== MAGIC_LITTLE && magic !== MAGIC_BIG) || size !== (written === 1 ? 65_536 : written)) {
    return file;
  }
  const add = checksumIn(magic === MAGIC_LITTLE);
  const salt = header.subarray(16, 24);
  let sum = add([0, 0], header.subarray(0, 24));
  // By the number of the page: where in the log it is.
  const pending = new Map<number, number>();
  const committed = new Map<number, number>();
  // Frames of an earlier round of the log have other salts, torn ones another checksum: the log ends before them.
  for (let at = HEADER; at + FRAME_HEADER + size <= wal.size; at += FRAME_HEADER + size) {
    const frame = wal.part(at, FRAME_HEADER + size);
    sum = add(add(sum, frame.subarray(0, 8)), frame.subarray(FRAME_HEADER));
    const intact = sum[0] === frame.readUInt32BE(16) && sum[1] === frame.readUInt32BE(20);
    if (!intact || !salt.equals(frame.subarray(8, 16))) break;
    pending.set(frame.readUInt32BE(0), at + FRAME_HEADER);
    const isCommit = frame.readUInt32BE(4) !== 0;
    if (!isCommit) continue;
    for (const [number, place] of pending) committed.set(number, place);
    pending.clear();
  }
  return committed.size === 0 ? file : overlay(file, wal, size, committed);
}

/** New pages come at the end: a number far beyond what both files can hold is damage. What is read is within one page. */
function overlay(
  file: FileBytes,
  wal: FileBytes,
  size: number,
  places: ReadonlyMap<number, number>,
): FileBytes {
  const most = Math.ceil(file.size / size) + places.size;
  let end = file.size;
  for (const number of places.keys()) if (number <= most) end = Math.max(end, number * size);
  return {
    size: end,
    part(offset, length) {
      const number = Math.floor(offset / size) + 1;
      const place = number <= most ? places.get(number) : undefined;
      if (place !== undefined)
        return wal.part(place + (offset % size), Math.min(length, size - (offset % size)));
      const there = file.part(offset, length);
      // Between the old end and a new page the file has zeros.
      const missing = Math.min(length, end - offset) - there.length;
      return missing > 0 ? Buffer.concat([there, Buffer.alloc(missing)]) : there;
    },
  };
}

function checksumIn(little: boolean): (sum: Checksum, bytes: Buffer) => Checksum {
  const word = (bytes: Buffer, at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return ([first, second], bytes) => {
    let [a, b] = [first, second];
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      a = (a + word(bytes, at) + b) >>> 0;
      b = (b + word(bytes, at + 4) + a) >>> 0;
    }
    return [a, b];
  };
}
