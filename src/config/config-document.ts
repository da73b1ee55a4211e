/** A configuration as written: a value, and for each of its keys the file and line that it came from. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { AppError, messageOf } from '../errors.ts';

export interface ConfigDocument {
  readonly value: unknown;
  /** Where a key or element was written, e.g. `config.yaml:7`, by `originKey(path)`. */
  readonly origins: ReadonlyMap<string, string>;
}

export type ConfigKind = '.yaml' | '.json';
export type Path = readonly PropertyKey[];

/** Nobody's configuration is bigger; a wrong file should not fill the memory. */
export const CONFIG_LIMIT = 4 * 1024 * 1024;

/** The key of `path` in `ConfigDocument.origins`. */
export function originKey(path: Path): string {
  return path.map(String).join('\0');
}

/** Where `path` was written, or the nearest of its parents. */
export function originOf({ origins }: ConfigDocument, path: Path): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(originKey(path.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Reads one file's text; `name` is what messages call it. Throws `bad-config` with the line of the mistake. */
export function parseConfigDocument(text: string, kind: ConfigKind, name: string): ConfigDocument {
  if (kind === '.json' && text.trim() !== '') requireJson(text, name);
  const lines = new LineCounter();
  // JSON is YAML, so that one parser gives the lines of both.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [document] = documents;
  if (!('length' in documents) || document === undefined) return { value: undefined, origins: new Map() };
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw malformed(name, `line ${line}, column ${col}: ${error.message}`);
  }
  if (documents.length > 1) throw malformed(name, 'it has more than one YAML document: keep one');
  const origins = new Map<string, string>();
  noteOrigins(document.contents as Node | null, [], (path, offset) => {
    if (path === undefined)
      throw malformed(name, `line ${lines.linePos(offset).line}: a key is a text, and this is none`);
    if (path.includes('__proto__')) throw malformed(name, 'a key cannot be called __proto__');
    origins.set(originKey(path), `${name}:${lines.linePos(offset).line}`);
  });
  let value: unknown;
  try {
    // A copy: texts that are slices of the file's would keep all of it in memory, secrets too.
    value = structuredClone(document.toJS({ maxAliasCount: 100 }));
  } catch (cause) {
    throw malformed(name, messageOf(cause), cause);
  }
  return { value: value ?? undefined, origins };
}

function requireJson(text: string, name: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw malformed(name, messageOf(cause), cause);
  }
}

function malformed(name: string, reason: string, cause?: unknown): AppError {
  return new AppError('bad-config', `malformed file ${JSON.stringify(name)}: ${reason}`, { cause });
}

/** `note` is told undefined of a key that is a list or a mapping, which YAML allows. */
function noteOrigins(
  node: Node | null | undefined,
  path: readonly (string | number)[],
  note: (path: readonly (string | number)[] | undefined, offset: number) => void,
): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const isKey = isScalar(key);
      const at = [...path, isKey ? String(key.value) : ''];
      note(isKey ? at : undefined, (key as Node | null)?.range?.[0] ?? 0);
      noteOrigins(value as Node | null, at, note);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const at = [...path, index];
      note(at, (item as Node).range?.[0] ?? 0);
      noteOrigins(item as Node, at, note);
    }
  }
}

/** A mapping, and neither a list nor null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
