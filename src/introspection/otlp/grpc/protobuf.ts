/** Writes protobuf messages of documents that are plain data, by a table of their fields. */

/** How a field is written; 64-bit numbers come as text, as in JSON; `hex` are bytes. */
export type Scalar = 'string' | 'hex' | 'bool' | 'enum' | 'int64' | 'fixed64' | 'double';

/** Number and type of each field, by its name in JSON. */
export interface Message {
  readonly [name: string]: readonly [number: number, type: Scalar | Message];
}

/** Is filled from its end: a length is written after what it is the length of. */
interface Sink {
  bytes: Buffer;
  /** Where what was written begins. */
  at: number;
}

// protobuf: encoding, wire types
const VARINT = 0;
const I64 = 1;
const LEN = 2;

/** Every value that is there is written, also one that is its type's default (`oneof` needs it). Throws for unknown fields. */
export function encodeMessage(message: Message, value: object): Buffer {
  const bytes = Buffer.allocUnsafe(4096);
  const sink = { bytes, at: bytes.length };
  writeFields(sink, message, value);
  return sink.bytes.subarray(sink.at);
}

function writeFields(sink: Sink, message: Message, value: object): void {
  for (const [name, each] of Object.entries(value).reverse()) {
    const field = message[name];
    if (field === undefined) throw new Error(`otlp: there is no field ${JSON.stringify(name)}`);
    const [number, type] = field;
    if (each === undefined) continue;
    if (!Array.isArray(each)) writeField(sink, number, type, each);
    else if (type === 'fixed64' || type === 'double') writePacked(sink, number, type, each);
    else for (let at = each.length - 1; at >= 0; at--) writeField(sink, number, type, each[at]);
  }
}

function writeField(sink: Sink, number: number, type: Scalar | Message, value: unknown): void {
  const end = written(sink);
  let wire = LEN;
  if (typeof type === 'object') {
    writeFields(sink, type, value as object);
  } else if (type === 'string' || type === 'hex') {
    const encoding = type === 'hex' ? 'hex' : 'utf8';
    const text = String(value);
    const at = room(sink, Buffer.byteLength(text, encoding)); // may exchange the bytes
    sink.bytes.write(text, at, encoding);
  } else if (type === 'double' || type === 'fixed64') {
    writeEight(sink, type, value);
    wire = I64;
  } else {
    writeVarint(sink, type === 'int64' ? int64(String(value)) : Number(value));
    wire = VARINT;
  }
  if (wire === LEN) writeVarint(sink, written(sink) - end);
  writeVarint(sink, number * 8 + wire);
}

function writePacked(sink: Sink, number: number, type: 'fixed64' | 'double', values: unknown[]): void {
  const end = written(sink);
  for (let at = values.length - 1; at >= 0; at--) writeEight(sink, type, values[at]);
  writeVarint(sink, written(sink) - end);
  writeVarint(sink, number * 8 + LEN);
}

function writeEight(sink: Sink, type: 'fixed64' | 'double', value: unknown): void {
  const at = room(sink, 8);
  if (type === 'double') sink.bytes.writeDoubleLE(Number(value), at);
  else sink.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(String(value))), at);
}

/** A negative number is ten bytes, of its two's complement. */
function int64(text: string): number | bigint {
  const number = Number(text);
  return number >= 0 && Number.isSafeInteger(number) ? number : BigInt.asUintN(64, BigInt(text));
}

function writeVarint(sink: Sink, value: number | bigint): void {
  const bytes: number[] = [];
  if (typeof value === 'bigint') {
    for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  } else {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  }
  bytes.push(Number(value));
  const at = room(sink, bytes.length);
  sink.bytes.set(bytes, at);
}

function written({ bytes, at }: Sink): number {
  return bytes.length - at;
}

/** Where the next `size` bytes go. */
function room(sink: Sink, size: number): number {
  if (sink.at < size) {
    const length = written(sink);
    const larger = Buffer.allocUnsafe(Math.max(2 * sink.bytes.length, length + size));
    sink.bytes.copy(larger, larger.length - length, sink.at);
    sink.at = larger.length - length;
    sink.bytes = larger;
  }
  return (sink.at -= size);
}
