/** JSON files of a layer, as package managers leave them: read within bounds, their fields looked at one by one. */
import type { LayerFile } from '../../contract/detector.ts';

/** The b-tree of a database takes no longer texts; package managers allow less. */
const MAX_LENGTH = 512;

/** The document in `file`, with a byte order mark or without. Throws if it is over `limit` bytes or no JSON. */
export function readJsonFile(file: LayerFile, limit: number): unknown {
  if (file.size > limit) throw new Error(`bigger than ${limit} bytes`);
  const content = file.read();
  if (content.length > limit) throw new Error(`bigger than ${limit} bytes`);
  return JSON.parse(content.toString().replace(/^\uFEFF/, ''));
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
