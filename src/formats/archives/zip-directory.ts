/** Where the central directory of a zip archive is: the end record, zip64, archives with something before them. */

/** Offsets in the file. */
export interface CentralDirectory {
  readonly start: number;
  readonly end: number;
  /** What the archive's own offsets count from: 0 unless something was put before the archive. */
  readonly base: number;
  /** How many members it says to have. */
  readonly entries: number;
}

type Read = (offset: number, length: number) => Buffer;

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const MAX_COMMENT = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_LENGTH = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_LENGTH = 56;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;

/**
 * Finds the central directory of a file of `size` bytes. Throws if there is none.
 *
 * The end record of an archive that is stored inside must not be taken for the file's own when the file is cut
 * short: its comment must reach exactly to the end of the file, or else everything must lie where it says.
 */
export function findDirectory(read: Read, size: number): CentralDirectory {
  const from = Math.max(0, size - END_LENGTH - MAX_COMMENT);
  const tail = Buffer.from(read(from, size - from));
  const startsAsZip = size >= 4 && read(0, 4).readUInt32LE(0) === LOCAL_SIGNATURE;
  let padded: CentralDirectory | undefined;
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const directory = directoryOf(read, from + at, tail.subarray(at, at + END_LENGTH));
    if (directory === undefined) continue;
    const after = tail.length - at - END_LENGTH - tail.readUInt16LE(at + 20);
    // A file that begins as an archive has nothing before it: an offset base means that this is an inner one.
    if (after === 0 && (directory.base === 0 || !startsAsZip)) return directory;
    if (after > 0 && directory.base === 0) padded ??= directory;
  }
  if (padded !== undefined) return padded;
  throw new Error('zip: no central directory: not a zip archive, or truncated');
}

function directoryOf(read: Read, endOffset: number, end: Buffer): CentralDirectory | undefined {
  const narrow = {
    entries: end.readUInt16LE(10),
    length: end.readUInt32LE(12),
    offset: end.readUInt32LE(16),
    end: endOffset,
  };
  const isWide = narrow.entries === 0xffff || narrow.length === 0xffffffff || narrow.offset === 0xffffffff;
  return (isWide ? wideDirectory(read, endOffset) : undefined) ?? located(read, narrow);
}

/** APPNOTE 4.3.14, 4.3.15: the zip64 end record, which a locator right before the end record points to. */
function wideDirectory(read: Read, endOffset: number): CentralDirectory | undefined {
  const locatorOffset = endOffset - LOCATOR_LENGTH;
  if (locatorOffset < END64_LENGTH) return undefined;
  const locator = read(locatorOffset, LOCATOR_LENGTH);
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return undefined;
  const said = Number(locator.readBigUInt64LE(8));
  // If something was put before the archive, the record is not where it says but right before the locator.
  for (const offset of [said, locatorOffset - END64_LENGTH]) {
    if (offset + END64_LENGTH > locatorOffset) continue;
    const record = read(offset, END64_LENGTH);
    if (record.readUInt32LE(0) !== END64_SIGNATURE) continue;
    return located(read, {
      entries: Number(record.readBigUInt64LE(32)),
      length: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
      end: offset,
    });
  }
  return undefined;
}

/** The directory ends where the end record begins; whatever its offset is short of that is the base. */
function located(
  read: Read,
  { entries, length, offset, end }: { entries: number; length: number; offset: number; end: number },
): CentralDirectory | undefined {
  const base = end - length - offset;
  if (base < 0) return undefined;
  const start = base + offset;
  if (entries === 0 && length === 0) return { start, end, base, entries };
  if (length < 46 || read(start, 4).readUInt32LE(0) !== CENTRAL_SIGNATURE) return undefined;
  return { start, end, base, entries };
}
