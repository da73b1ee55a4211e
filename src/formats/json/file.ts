/** JSON files of a layer, as package managers leave them: read within bounds, their fields looked at one by one. */
import type { LayerFile } from '../../contract/detector.ts';

/** The b-tree of a database takes no longer texts; package managers allow less. */
const MAX_LENGTH = 512;

/** Values of a document: an object of nothing takes 20 times the memory of its text. */
const MAX_VALUES = 500_000;
/** Brackets within brackets. */
const MAX_DEPTH = 1000;
/** In a text of fewer bytes there can be no more than that. */
const SMALL = 64 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The document in `file`, with a byte order mark or without. Throws if it is over `limit` bytes, of too many values, or no JSON. */
export function readJsonFile(file: LayerFile, limit: number): unknown {
  if (file.size > limit) throw new Error(`bigger than ${limit} bytes`);
  const content = file.read();
  if (content.length > limit) throw new Error(`bigger than ${limit} bytes`);
  if (content.length > SMALL) checkShape(content);
  return JSON.parse(content.toString().replace(/^\uFEFF/, ''));
}

/** The document that `text` is, within the same bounds. Throws if it is none. */
export function parseJson(text: string): unknown {
  if (text.length > SMALL) checkShape(Buffer.from(text));
  return JSON.parse(text);
}

/** Throws before memory is taken for what nobody has written. */
export function checkShape(bytes: Buffer): void {
  let [values, depth, inString] = [0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA || (byte | 0x20) === 0x7b) {
      values++; // `[` and `{` differ by one bit
      if (byte !== COMMA && ++depth > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`);
      if (values > MAX_VALUES) throw new RangeError(`more than ${MAX_VALUES} values`);
    } else if ((byte | 0x20) === 0x7d) depth--;
  }
}

/** The own field `key` of an object; undefined if there is none, or `value` is no object. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

/** The own fields of an object; none if `value` is no object. */
export function fieldsIn(value: unknown): readonly (readonly [key: string, value: unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** `value` if it can be the name or version of a package: a text, not too long, that a database stores. */
export function identifierOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return undefined;
  return /[\x00-\x1f\x7f]/.test(value) || !value.isWellFormed() ? undefined : value;
}
