/** Puts into a SQLite file what its write-ahead log has beyond it: a container that was stopped leaves one behind. */

// sqlite.org/fileformat2.html, "The Write-Ahead Log"; all numbers but the words of checksums are big endian.
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;
const HEADER = 32;
const FRAME_HEADER = 24;

type Checksum = readonly [number, number];

/** `bytes` with the pages of all finished transactions of `wal`; `bytes` themselves if there are none. */
export function withWal(bytes: Buffer, wal: Buffer): Buffer {
  if (wal.length < HEADER) return bytes;
  const magic = wal.readUInt32BE(0);
  const size = wal.readUInt32BE(8);
  const written = bytes.readUInt16BE(16);
  if ((magic !== MAGIC_LITTLE && magic !== MAGIC_BIG) || size !== (written === 1 ? 65_536 : written)) {
    return bytes;
  }
  const add = checksumIn(magic === MAGIC_LITTLE);
  const salt = wal.subarray(16, 24);
  let sum = add([0, 0], wal.subarray(0, 24));
  const pending = new Map<number, Buffer>();
  const committed = new Map<number, Buffer>();
  // Frames of an earlier round of the log have other salts, torn ones another checksum: the log ends before them.
  for (let at = HEADER; at + FRAME_HEADER + size <= wal.length; at += FRAME_HEADER + size) {
    const page = wal.subarray(at + FRAME_HEADER, at + FRAME_HEADER + size);
    sum = add(add(sum, wal.subarray(at, at + 8)), page);
    const intact = sum[0] === wal.readUInt32BE(at + 16) && sum[1] === wal.readUInt32BE(at + 20);
    if (!intact || !salt.equals(wal.subarray(at + 8, at + 16))) break;
    pending.set(wal.readUInt32BE(at), page);
    const isCommit = wal.readUInt32BE(at + 4) !== 0;
    if (!isCommit) continue;
    for (const [number, content] of pending) committed.set(number, content);
    pending.clear();
  }
  return committed.size === 0 ? bytes : overlay(bytes, size, committed);
}

/** New pages come at the end: a number far beyond what both files can hold is damage. */
function overlay(bytes: Buffer, size: number, pages: ReadonlyMap<number, Buffer>): Buffer {
  const most = Math.ceil(bytes.length / size) + pages.size;
  const numbers = [...pages.keys()].filter((number) => number >= 1 && number <= most);
  const result = Buffer.alloc(
    numbers.reduce((length, number) => Math.max(length, number * size), bytes.length),
  );
  bytes.copy(result);
  for (const number of numbers) pages.get(number)!.copy(result, (number - 1) * size);
  return result;
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
