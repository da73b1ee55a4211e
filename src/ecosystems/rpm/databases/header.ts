/** Reads rpm's header: an index of tags, and the data that they point into. */
import { MAX_HEADER } from './header-blob.ts';

// rpm's docs/manual/format.md, "Header Structure"; all numbers are big endian.
const INTRO = 8;
const ENTRY = 16;
const MAX_TAGS = 65_535;
const TYPE = { int32: 4, string: 6, binary: 7, strings: 8, translated: 9 } as const;

/** rpm's docs/manual/hregions.md: the first entry may tell which entries belong to what was signed. */
// differs: whether a header has its region is checked; Clair has these numbers off by one and never looks (clair-indexing.md#rpm-header-regions)
const REGION = { image: 61, signatures: 62, immutable: 63 } as const;

/** Texts or numbers of one tag: a package has fewer files. */
const MAX_COUNT = 1_000_000;

/** No name, version or file name of rpm is longer. */
const MAX_TEXT = 4096;

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

export interface RpmHeader {
  /** The first text of a tag; undefined if it is not there. Throws if it cannot be read. */
  text(tag: number): string | undefined;
  /** The first 32-bit number of a tag, likewise. */
  number(tag: number): number | undefined;
  /** All texts of a tag, likewise; none if it is not there. */
  texts(tag: number): string[];
  /** All 32-bit numbers of a tag, likewise. */
  numbers(tag: number): number[];
  /** What does not add up, though the tags may be readable. */
  readonly damage?: string;
}

/** Reads the index of `blob`. Throws if there is none. */
export function readHeader(blob: Buffer): RpmHeader {
  if (blob.length < INTRO) throw new RangeError(`a header of ${blob.length} bytes`);
  const tags = blob.readUInt32BE(0);
  const dataLength = blob.readUInt32BE(4);
  if (tags === 0 || tags > MAX_TAGS) throw new RangeError(`a header of ${tags} tags`);
  if (dataLength > MAX_HEADER) throw new RangeError(`a header of ${dataLength} bytes`);
  const dataStart = INTRO + tags * ENTRY;
  if (dataStart > blob.length) throw new RangeError('the header ends within its index');
  const data = blob.subarray(dataStart, dataStart + dataLength);
  const entries = new Map<number, Entry>();
  for (let index = 0; index < tags; index += 1) {
    const at = INTRO + index * ENTRY;
    const tag = blob.readUInt32BE(at);
    if (entries.has(tag)) continue;
    entries.set(tag, {
      type: blob.readUInt32BE(at + 4),
      offset: blob.readUInt32BE(at + 8),
      count: blob.readUInt32BE(at + 12),
    });
  }
  const damage =
    dataStart + dataLength === blob.length
      ? damageOfRegion(blob.readUInt32BE(INTRO), entries, data, tags)
      : `the header has ${blob.length} bytes instead of ${dataStart + dataLength}`;
  return {
    text: (tag) => readText(tag, entries.get(tag), data),
    number: (tag) => readNumber(tag, entries.get(tag), data),
    texts: (tag) => readTexts(tag, entries.get(tag), data),
    numbers: (tag) => readNumbers(tag, entries.get(tag), data),
    ...(damage === undefined ? {} : { damage }),
  };
}

/** A region ends with a copy of its own entry, whose offset tells, negated, how long its part of the index is. */
function damageOfRegion(
  tag: number,
  entries: ReadonlyMap<number, Entry>,
  data: Buffer,
  tags: number,
): string | undefined {
  if (tag < REGION.image || tag > REGION.immutable) return undefined; // of rpm 3: no region
  const { type, offset, count } = entries.get(tag)!;
  if (type !== TYPE.binary || count !== ENTRY || offset + ENTRY > data.length) {
    return 'the region of the header is damaged';
  }
  const trailerTag = data.readUInt32BE(offset);
  // Old signatures end with the tag of an image.
  const sameTag = trailerTag === tag || (tag === REGION.signatures && trailerTag === REGION.image);
  const length = -data.readInt32BE(offset + 8);
  const fits = length >= ENTRY && length % ENTRY === 0 && length / ENTRY <= tags;
  const sameForm = data.readUInt32BE(offset + 4) === type && data.readUInt32BE(offset + 12) === count;
  return sameTag && sameForm && fits ? undefined : 'the end of the region of the header is damaged';
}

function readText(tag: number, entry: Entry | undefined, data: Buffer): string | undefined {
  if (entry === undefined) return undefined;
  const { type, offset, count } = entry;
  if ((type !== TYPE.string && type !== TYPE.strings && type !== TYPE.translated) || count === 0) {
    throw new TypeError(`tag ${tag} is no text`);
  }
  const end = offset < data.length ? data.indexOf(0, offset) : -1;
  if (end < 0) throw new RangeError(`tag ${tag} lies outside of the header`);
  if (end - offset > MAX_TEXT) throw new RangeError(`tag ${tag} has ${end - offset} bytes`);
  return data.toString('utf8', offset, end);
}

function readNumber(tag: number, entry: Entry | undefined, data: Buffer): number | undefined {
  if (entry === undefined) return undefined;
  const { type, offset, count } = entry;
  if (type !== TYPE.int32 || count === 0) throw new TypeError(`tag ${tag} is no number`);
  if (offset + 4 > data.length) throw new RangeError(`tag ${tag} lies outside of the header`);
  return data.readUInt32BE(offset);
}

function readTexts(tag: number, entry: Entry | undefined, data: Buffer): string[] {
  if (entry === undefined) return [];
  const { type, offset, count } = entry;
  if (type !== TYPE.strings) throw new TypeError(`tag ${tag} is not a list of strings`);
  if (count > MAX_COUNT) throw new RangeError(`tag ${tag} has ${count} strings`);
  const texts: string[] = [];
  for (let start = offset; texts.length < count; ) {
    const end = start < data.length ? data.indexOf(0, start) : -1;
    if (end < 0) throw new RangeError(`tag ${tag} lies outside of the header`);
    texts.push(data.toString('utf8', start, end));
    start = end + 1;
  }
  return texts;
}

function readNumbers(tag: number, entry: Entry | undefined, data: Buffer): number[] {
  if (entry === undefined) return [];
  const { type, offset, count } = entry;
  if (type !== TYPE.int32) throw new TypeError(`tag ${tag} is no list of numbers`);
  if (count > MAX_COUNT) throw new RangeError(`tag ${tag} has ${count} numbers`);
  if (offset + 4 * count > data.length) throw new RangeError(`tag ${tag} lies outside of the header`);
  return Array.from({ length: count }, (_, index) => data.readUInt32BE(offset + 4 * index));
}
