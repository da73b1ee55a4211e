/** Fields of a CSAF document, whatever is really there: a schema would look at millions of values that nobody needs. */
import { type JsonObject, listOf, textOf } from '../../../model/json-object.ts';

/** The list at `key`; an empty one if there is none. */
export function listIn(fields: JsonObject, key: string): readonly unknown[] {
  return listOf(fields[key]);
}

/** The text at `key`; '' if there is none. */
export function textIn(fields: JsonObject, key: string): string {
  return textOf(fields[key]);
}

/** The texts at `key`. */
export function textsIn(fields: JsonObject, key: string): readonly string[] {
  return listIn(fields, key).filter((value) => typeof value === 'string');
}
