/** One block of bzip2: Huffman codes, move-to-front, Burrows-Wheeler transform, run lengths, undone in this order. */
import type { BitReader } from './bit-reader.ts';

const MAX_CODE_LENGTH = 20;
/** Codes up to this length are found in one look. */
const FAST = 10;
/** Symbols that are coded with one table before the next selector. */
const GROUP = 50;

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** Yields the bytes of a block in pieces of up to `piece`; returns their checksum. The reader stands behind the block's CRC. */
export function* readBlock(
  input: BitReader,
  blockSize: number,
  piece: number,
): Generator<Buffer, number, undefined> {
  if (input.bits(1) === 1)
    throw new Error('bzip2: randomized blocks (of bzip2 before 0.9.5) are not supported');
  const origin = input.bits(24);
  const { last, counts } = readSymbols(input, blockSize);
  const length = last.length;
  if (origin >= length) throw new Error('bzip2: bad start of block');

  // The inverse transform: `next[i] >>> 8` is the row that follows row i, its low byte what is written there.
  const next = new Uint32Array(length);
  const starts = new Uint32Array(256);
  for (let byte = 0, sum = 0; byte < 256; byte += 1) {
    starts[byte] = sum;
    sum += counts[byte]!;
  }
  for (let row = 0; row < length; row += 1) {
    const byte = last[row]!;
    next[row] = next[row]! | byte;
    const target = starts[byte]!++;
    next[target] = next[target]! | (row << 8);
  }

  let out = Buffer.allocUnsafe(piece);
  let used = 0;
  let crc = -1;
  let run = 0; // equal bytes so far; after four comes a count
  let previous = -1;
  let row = next[origin]! >>> 8;
  for (let index = 0; index < length; index += 1) {
    const entry = next[row]!;
    const byte = entry & 0xff;
    row = entry >>> 8;
    let times = 1;
    if (run === 4) {
      times = byte;
      run = 0;
    } else if (byte === previous) run += 1;
    else {
      run = 1;
      previous = byte;
    }
    const value = run === 0 ? previous : byte;
    if (run === 0) previous = -1;
    for (; times > 0; times -= 1) {
      if (used === piece) {
        yield out;
        out = Buffer.allocUnsafe(piece);
        used = 0;
      }
      out[used++] = value;
      crc = (crc << 8) ^ CRC[(crc >>> 24) ^ value]!;
    }
  }
  if (used > 0) yield out.subarray(0, used);
  return ~crc >>> 0;
}

/** The last column of the sorted rotations, and how often each byte is in it. */
function readSymbols(input: BitReader, blockSize: number): { last: Uint8Array; counts: Uint32Array } {
  const front = readAlphabet(input);
  const tableCount = input.bits(3);
  const selectorCount = input.bits(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0)
    throw new Error('bzip2: bad number of code tables');
  const selectors = readSelectors(input, selectorCount, tableCount);
  const end = front.length + 1; // symbols: RUNA, RUNB, positions 1.., end
  const tables = Array.from({ length: tableCount }, () => readTable(input, end + 1));

  const last = new Uint8Array(blockSize);
  const counts = new Uint32Array(256);
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0; group < selectorCount; group += 1) {
    const decode = tables[selectors[group]!]!;
    for (let index = 0; index < GROUP; index += 1) {
      const symbol = decode(input);
      if (symbol <= 1) {
        run += weight << symbol; // a bijective base-2 number: RUNA counts 1, RUNB 2
        weight <<= 1;
        if (run > blockSize) throw new Error('bzip2: a block is too long');
        continue;
      }
      if (run > 0) {
        if (length + run > blockSize) throw new Error('bzip2: a block is too long');
        const byte = front[0]!;
        last.fill(byte, length, length + run);
        counts[byte]! += run;
        length += run;
        run = 0;
        weight = 1;
      }
      if (symbol === end) return { last: last.subarray(0, length), counts };
      if (length === blockSize) throw new Error('bzip2: a block is too long');
      const position = symbol - 1;
      const byte = front[position]!;
      front.copyWithin(1, 0, position);
      front[0] = byte;
      counts[byte]! += 1;
      last[length++] = byte;
    }
  }
  throw new Error('bzip2: a block does not end');
}

/** The bytes that occur, in order. */
function readAlphabet(input: BitReader): Uint8Array {
  const rows = input.bits(16);
  const bytes: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if ((rows & (0x8000 >>> row)) === 0) continue;
    const columns = input.bits(16);
    for (let column = 0; column < 16; column += 1) {
      if ((columns & (0x8000 >>> column)) !== 0) bytes.push(row * 16 + column);
    }
  }
  if (bytes.length === 0) throw new Error('bzip2: a block without bytes');
  return Uint8Array.from(bytes);
}

function readSelectors(input: BitReader, count: number, tables: number): Uint8Array {
  const front = Uint8Array.from({ length: tables }, (_, index) => index);
  return Uint8Array.from({ length: count }, () => {
    let position = 0;
    while (input.bits(1) === 1) {
      if ((position += 1) >= tables) throw new Error('bzip2: bad selector');
    }
    const table = front[position]!;
    front.copyWithin(1, 0, position);
    front[0] = table;
    return table;
  });
}

/** Reads the code lengths of `symbols` symbols and gives the function that reads one symbol. */
function readTable(input: BitReader, symbols: number): (input: BitReader) => number {
  const lengths = new Uint8Array(symbols);
  let current = input.bits(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (input.bits(1) === 1) current += input.bits(1) === 1 ? -1 : 1;
    if (current < 1 || current > MAX_CODE_LENGTH) throw new Error('bzip2: bad code length');
    lengths[symbol] = current;
  }

  // Canonical codes: by length, then by symbol. `limit[n]` is the first code of n bits that is too big for n bits.
  const ordered = Array.from(lengths.keys()).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const limit = new Uint32Array(MAX_CODE_LENGTH + 1);
  const offset = new Int32Array(MAX_CODE_LENGTH + 1);
  const fast = new Uint16Array(1 << FAST); // symbol << 5 | length; 0: a longer code
  for (let length = 1, code = 0, index = 0; length <= MAX_CODE_LENGTH; length += 1, code <<= 1) {
    offset[length] = index - code;
    for (; index < symbols && lengths[ordered[index]!] === length; index += 1, code += 1) {
      if (length <= FAST && code < 1 << length) {
        const first = code << (FAST - length);
        fast.fill((ordered[index]! << 5) | length, first, first + (1 << (FAST - length)));
      }
    }
    limit[length] = code;
  }

  return (reader) => {
    const found = fast[reader.peek(FAST)]!;
    if (found !== 0) {
      reader.skip(found & 31);
      return found >>> 5;
    }
    const bits = reader.peek(MAX_CODE_LENGTH);
    for (let length = 1; length <= MAX_CODE_LENGTH; length += 1) {
      const code = bits >>> (MAX_CODE_LENGTH - length);
      if (code < limit[length]!) {
        reader.skip(length);
        const symbol = ordered[code + offset[length]!];
        if (symbol !== undefined) return symbol;
        break;
      }
    }
    throw new Error('bzip2: a code that is in no table');
  };
}
