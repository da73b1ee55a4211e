/** TOML as tools write it into lock files: tables of texts, one key a line (toml.io/en/v1.0.0). */

/** A table; keys of its sub-tables are `sub.key`. A value that is no text is as it is written. */
export interface TomlTable {
  /** `package` of `[[package]]`, `deps.JSON` of `[[deps.JSON]]`. */
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

const HEADER = /^[ \t]*\[{1,2}([^[\]]+)\]{1,2}[ \t]*(?:#.*)?$/;
const PAIR = /^[ \t]*("[^"]*"|'[^']*'|[\w.-]+)[ \t]*=[ \t]*(.*)$/;
const TEXT = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*(?:#.*)?$/;

const BLANK = /^[ \t]*(?:#.*)?$/;

/** How many more brackets a line opens than it closes, outside of texts and comments. */
function opened(line: string): number {
  const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/#.*$/s, '');
  return bare.replaceAll(/[^[{]/g, '').length - bare.replaceAll(/[^\]}]/g, '').length;
}

/**
 * The arrays of tables in `text`, each with what is below it; what is in none of them is left out.
 * Throws at a line that TOML does not have, and at an end within a value.
 */
export function* tomlTables(text: string): Generator<TomlTable> {
  let table: { path: string; values: Map<string, string> } | undefined;
  let prefix = '';
  let until: string | undefined; // the quotes of a text of several lines
  let depth = 0; // brackets of a value of several lines
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    if (until !== undefined) {
      if (line.includes(until)) until = undefined;
      continue;
    }
    if (depth > 0) {
      depth = Math.max(0, depth + opened(line));
      continue;
    }
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      const path = header.replaceAll(/["'\s]/g, '');
      if (line.trimStart().startsWith('[[') && !(table && path.startsWith(`${table.path}.`))) {
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
    if (key === undefined || value === undefined) {
      if (BLANK.test(line)) continue;
      if (table !== undefined) yield table;
      throw new Error(`a line is not valid TOML: ${line.slice(0, 80)}`);
    }
    const quotes = /^(?:"""|''')/.exec(value)?.[0];
    if (quotes !== undefined) {
      if (!value.slice(3).includes(quotes)) until = quotes;
      continue;
    }
    depth = Math.max(0, opened(value));
    const [, basic, literal] = TEXT.exec(value) ?? [];
    table?.values.set(prefix + key.replaceAll(/["']/g, ''), basic ?? literal ?? value);
  }
  if (table !== undefined) yield table;
  if (until !== undefined || depth > 0) throw new Error('it ends within a value');
}
