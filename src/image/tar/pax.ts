/** The records of a PAX extended header (pax(1), "ustar interchange format"): `<length> <key>=<value>\n`. */
import { decimal } from './header.ts';
import type { SparseMap } from './sparse.ts';

export interface PaxRecords {
  readonly path?: Buffer;
  readonly linkpath?: Buffer;
  readonly size?: number;
  readonly sparse?: PaxSparse;
}

/** What the `GNU.sparse.*` records of the formats 0.0, 0.1 and 1.0 say. */
export interface PaxSparse {
  readonly name?: Buffer;
  readonly size: number;
  /** undefined (format 1.0): the map is at the start of the content. */
  readonly map?: SparseMap;
}

/** undefined: these bytes are no PAX records. Unknown keys are skipped. */
export function readPax(data: Buffer, maxRegions: number): PaxRecords | undefined {
  const fields = new Map<string, Buffer>();
  const regions: number[] = []; // format 0.0: offset and length in turn
  let at = 0;
  while (at < data.length) {
    // Padding behind the last record is seen in the wild.
    if (data[at] === 0) break;
    // Nothing is made of a record that nobody asks for: a header may have a hundred thousand of them.
    let [space, length] = [at, 0];
    for (; data[space] !== 0x20; space++) {
      const digit = (data[space] ?? 0) - 0x30;
      if (digit < 0 || digit > 9 || space - at === 10) return undefined;
      length = 10 * length + digit;
    }
    const end = at + length - 1;
    if (end >= data.length || end <= space || data[end] !== 0x0a) return undefined;
    let equals = space + 1;
    while (equals < end && data[equals] !== 0x3d) equals++;
    if (equals === end) return undefined;
    if (!FIRST_OF_KEYS.has(data[space + 1]!)) {
      at += length;
      continue;
    }
    const key = data.toString('latin1', space + 1, equals);
    const value = data.subarray(equals + 1, end);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      const number = decimal(value);
      const isOffset = key === 'GNU.sparse.offset';
      if (number === undefined || isOffset !== (regions.length % 2 === 0)) return undefined;
      if (regions.length >= 2 * maxRegions) return undefined;
      regions.push(number);
    } else if (KEYS.has(key)) {
      fields.set(key, value);
    }
    at += length;
  }

  const size = numberOf(fields, 'size');
  const sparse = sparseOf(fields, regions, maxRegions);
  if (size === 'bad' || sparse === 'bad') return undefined;
  const path = textOf(fields, 'path');
  const linkpath = textOf(fields, 'linkpath');
  return {
    ...(path && { path }),
    ...(linkpath && { linkpath }),
    ...(size !== undefined && { size }),
    ...(sparse && { sparse }),
  };
}

const KEYS = new Set([
  'path',
  'linkpath',
  'size',
  'GNU.sparse.major',
  'GNU.sparse.minor',
  'GNU.sparse.name',
  'GNU.sparse.size',
  'GNU.sparse.realsize',
  'GNU.sparse.map',
]);

const FIRST_OF_KEYS = new Set([...KEYS].map((key) => key.charCodeAt(0)));

// GNU tar manual, "Storing Sparse Files": 0.0 repeats offset and numbytes, 0.1 has one map record, 1.0 puts the map before the data.
function sparseOf(
  fields: ReadonlyMap<string, Buffer>,
  regions: readonly number[],
  maxRegions: number,
): PaxSparse | undefined | 'bad' {
  const name = textOf(fields, 'GNU.sparse.name');
  const major = numberOf(fields, 'GNU.sparse.major') ?? 0;
  const minor = numberOf(fields, 'GNU.sparse.minor') ?? 0;
  const realSize = numberOf(fields, 'GNU.sparse.realsize') ?? numberOf(fields, 'GNU.sparse.size');
  if (major === 'bad' || minor === 'bad' || realSize === 'bad') return 'bad';
  if (major === 1 && minor === 0) {
    return realSize === undefined ? 'bad' : { size: realSize, ...(name && { name }) };
  }
  const list = fields.get('GNU.sparse.map');
  let numbers = regions;
  if (list !== undefined) {
    const listed = numbersIn(list, 2 * maxRegions);
    if (listed === undefined) return 'bad';
    numbers = listed;
  }
  if (numbers.length === 0 && list === undefined) return undefined;
  if (realSize === undefined || numbers.length % 2 !== 0) return 'bad';
  const map: { offset: number; length: number }[] = [];
  for (let i = 0; i < numbers.length; i += 2) map.push({ offset: numbers[i]!, length: numbers[i + 1]! });
  return { size: realSize, map, ...(name && { name }) };
}

/** Numbers with a comma between each two; undefined for anything else, or for more than `most`. */
function numbersIn(list: Buffer, most: number): number[] | undefined {
  const numbers: number[] = [];
  for (let at = 0; at < list.length; at++) {
    const start = at;
    let value = 0;
    for (; at < list.length && list[at] !== 0x2c; at++) {
      const digit = list[at]! - 0x30;
      if (digit < 0 || digit > 9) return undefined;
      value = 10 * value + digit;
    }
    const endsInComma = at === list.length - 1;
    if (at === start || endsInComma || !Number.isSafeInteger(value) || numbers.length === most)
      return undefined;
    numbers.push(value);
  }
  return numbers;
}

// An empty value takes the record back: the header's own field holds.
function textOf(fields: ReadonlyMap<string, Buffer>, key: string): Buffer | undefined {
  const value = fields.get(key);
  if (value === undefined || value.length === 0) return undefined;
  const nul = value.indexOf(0);
  return Buffer.from(nul === -1 ? value : value.subarray(0, nul));
}

function numberOf(fields: ReadonlyMap<string, Buffer>, key: string): number | undefined | 'bad' {
  const value = fields.get(key);
  if (value === undefined || value.length === 0) return undefined;
  return decimal(value) ?? 'bad';
}
