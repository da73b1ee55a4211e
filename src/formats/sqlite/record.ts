/** Reads a record of SQLite: the values of one row. sqlite.org/fileformat2.html, "Record Format". */

export type SqliteValue = null | bigint | number | string | Buffer;

/** More columns than SQLite lets a table have. */
const MAX_COLUMNS = 32_767;
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

/** A number of up to nine bytes, seven bits each but for the ninth. Throws if the bytes end before it does. */
export function readVarint(bytes: Buffer, at: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new RangeError('a number lies outside of its page');
    if (index === 8) return { value: (value << 8n) | BigInt(byte), end: at + 9 };
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new RangeError('a number without end');
}

/** The values of a record. Throws if it is damaged. */
export function readRecord(record: Buffer): SqliteValue[] {
  const header = readVarint(record, 0);
  const headerEnd = Number(header.value);
  if (headerEnd > record.length) throw new RangeError('a row has no values');
  const values: SqliteValue[] = [];
  let at = headerEnd;
  for (let position = header.end; position < headerEnd && values.length < MAX_COLUMNS; ) {
    const type = readVarint(record, position);
    position = type.end;
    const code = Number(type.value);
    const length = lengthOf(code);
    if (at + length > record.length) throw new RangeError('a value lies outside of its row');
    values.push(decode(code, record.subarray(at, at + length)));
    at += length;
  }
  return values;
}

/** Bytes of a value by its type: 1 to 6 integers, 7 a float, 8 and 9 no bytes, then blobs and texts in turn. */
function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return type === 7 ? 8 : (INTEGER_BYTES[type] ?? 0);
}

function decode(type: number, bytes: Buffer): SqliteValue {
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString('utf8');
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 8 || type === 9) return BigInt(type - 8);
  return bytes.length === 0 ? null : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}
