/** Fields of a CSAF document, whatever is really there: a schema would look at millions of values that nobody needs. */

export type Fields = Readonly<Record<string, unknown>>;

/** The object that `value` is; an empty one if it is none. */
export function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The list at `key`; an empty one if there is none. */
export function listIn(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  return Array.isArray(value) ? value : [];
}

/** The text at `key`; '' if there is none. */
export function textIn(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
}

/** The texts at `key`. */
export function textsIn(fields: Fields, key: string): readonly string[] {
  return listIn(fields, key).filter((value) => typeof value === 'string');
}
