/** TOML as tools write it into lock files: tables of texts, one key a line (toml.io/en/v1.0.0). */

/** A table; keys of its sub-tables are `sub.key`. A value that is no text is as it is written. */
export interface TomlTable {
  /** `package` of `[[package]]`, `deps.JSON` of `[[deps.JSON]]`. */
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

const HEADER = /^\[{1,2}([^[\]]+)\]{1,2}[ \t]*(?:#.*)?$/;
const PAIR = /^[ \t]*("[^"]*"|'[^']*'|[\w.-]+)[ \t]*=[ \t]*(.*)$/;
const TEXT = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*(?:#.*)?$/;

/** The arrays of tables in `text`, each with what is below it; what is in none of them is left out. */
export function* tomlTables(text: string): Generator<TomlTable> {
  let table: { path: string; values: Map<string, string> } | undefined;
  let prefix = '';
  let until: string | undefined; // the quotes of a text of several lines
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    if (until !== undefined) {
      if (line.includes(until)) until = undefined;
      continue;
    }
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      const path = header.replaceAll(/["'\s]/g, '');
      if (line.startsWith('[[') && !(table && path.startsWith(`${table.path}.`))) {
        if (table !== undefined) yield table;
        table = { path, values: new Map() };
        prefix = '';
      } else if (table !== undefined && path.startsWith(`${table.path}.`)) {
        prefix = `${path.slice(table.path.length + 1)}.`;
      } else {
        if (table !== undefined) yield table;
        table = undefined;
      }
      continue;
    }
    const [, key, value] = PAIR.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const quotes = /^(?:"""|''')/.exec(value)?.[0];
    if (quotes !== undefined) {
      if (!value.slice(3).includes(quotes)) until = quotes;
      continue;
    }
    const [, basic, literal] = TEXT.exec(value) ?? [];
    table?.values.set(prefix + key.replaceAll(/["']/g, ''), basic ?? literal ?? value);
  }
  if (table !== undefined) yield table;
}
