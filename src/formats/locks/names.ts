/** Names of packages in a lock file, read without its versions: to tell whether any of them is installed. */
import { fieldOf } from '../json/file.ts';
import type { ListFormat } from './list.ts';

type Names = (text: string) => readonly string[];

/** Returns a reader of what `format` lists; a text that it does not read has no names. */
export function namesIn(format: ListFormat): Names {
  return (text) => {
    try {
      return [...format.read(text, () => undefined)].flatMap((item) => ('name' in item ? [item.name] : []));
    } catch {
      return [];
    }
  };
}

/** Returns a reader of the first group of each match of `pattern`, which has the flag `g`. */
export function namesBy(pattern: RegExp): Names {
  return (text) => [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

/** Returns a reader of JSON by `names`; a text that is no JSON has none. */
export function namesInJson(names: (document: unknown) => readonly string[]): Names {
  return (text) => {
    try {
      return names(JSON.parse(text));
    } catch {
      return [];
    }
  };
}

/** `name = "…"` of a table in TOML. */
export const namesInToml: Names = namesBy(/^name = "([^"\n]+)"/gm);

/** `NAME (VERSION)`, as Bundler and Paket indent a package. */
export const namesBeforeVersions: Names = namesBy(/^ {4}([\w.-]+) \(/gm);

/** Returns the member `name` of each value in `list`, an array or object. */
export function nameMembers(list: unknown): string[] {
  if (typeof list !== 'object' || list === null) return [];
  return Object.values(list).flatMap((value) => {
    const name = fieldOf(value, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}
