/**
 * Fields of a JSON document, whatever is really there: what is of another type counts as not there, as does the null that a Go
 * program writes for an empty map or list.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that `value` is; an empty one if it is none. */
export function recordOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The list that `value` is; an empty one if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text that `value` is; '' if it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
