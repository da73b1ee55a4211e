/** A few fields of a JSON object of any size and shape: what is between them is passed over, and never built. */

/** Bytes of one field that is read. */
const MAX_FIELD = 64 * 1024;

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/**
 * The own fields `wanted` of the object in `bytes`; of one that comes twice the last, as for `JSON.parse`. Throws if it is
 * no object, ends too early, or if a wanted field is no JSON, or longer than 64 KiB. Of others only brackets and strings are
 * looked at.
 */
export function jsonFields(bytes: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  let at = afterBlanks(bytes, hasMark ? BYTE_ORDER_MARK.length : 0);
  if (bytes[at] !== OPEN_OBJECT) throw new SyntaxError('not a JSON object');
  at = afterBlanks(bytes, at + 1);
  while (bytes[at] !== CLOSE_OBJECT) {
    const keyEnd = bytes[at] === QUOTE ? stringEnd(bytes, at) : at;
    const colon = afterBlanks(bytes, keyEnd);
    if (keyEnd === at || bytes[colon] !== COLON) throw unexpected(bytes, keyEnd === at ? at : colon);
    const start = afterBlanks(bytes, colon + 1);
    const end = valueEnd(bytes, start);
    // A key may be escaped: six bytes for each letter.
    const key = keyEnd - at > MAX_FIELD ? '' : String(JSON.parse(bytes.toString('utf8', at, keyEnd)));
    if (wanted.has(key)) {
      if (end - start > MAX_FIELD) throw new RangeError(`its ${key} is longer than ${MAX_FIELD} bytes`);
      fields.set(key, JSON.parse(bytes.toString('utf8', start, end)));
    }
    at = afterBlanks(bytes, end);
    if (bytes[at] === COMMA) at = afterBlanks(bytes, at + 1);
    else if (bytes[at] !== CLOSE_OBJECT) throw unexpected(bytes, at);
  }
  const rest = afterBlanks(bytes, at + 1);
  if (rest < bytes.length) throw unexpected(bytes, rest);
  return fields;
}

/** Where the value that begins at `start` ends. */
function valueEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) return ended(bytes, start, at);
      depth--;
    } else if (depth === 0 && (byte === COMMA || isBlank(byte))) return ended(bytes, start, at);
    else continue;
    if (depth === 0) return at + 1;
  }
  throw unexpected(bytes, bytes.length);
}

function ended(bytes: Buffer, start: number, end: number): number {
  if (end === start) throw unexpected(bytes, end);
  return end;
}

/** Behind the quote that ends the string at `start`. */
function stringEnd(bytes: Buffer, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote === -1) throw unexpected(bytes, bytes.length);
    let escapes = quote;
    while (escapes > from && bytes[escapes - 1] === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at]!)) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === NEWLINE || byte === RETURN || byte === TAB;
}

function unexpected(bytes: Buffer, at: number): SyntaxError {
  return new SyntaxError(at >= bytes.length ? 'the JSON is truncated' : `invalid JSON at byte ${at}`);
}
