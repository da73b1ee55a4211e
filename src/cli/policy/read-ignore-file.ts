/** Reads ignore files: our own, `.trivyignore` and `.trivyignore.yaml`. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ConfigDocument, originOf, parseConfigDocument } from '../../config/config-document.ts';
import { AppError, messageOf } from '../../errors.ts';
import { COVERAGE_KINDS, type CoverageKind } from '../../model/coverage.ts';
import type { AcceptEntry } from './accepted.ts';
import { type EntryFields, entryFields } from './entry-fields.ts';
import type { IgnoreEntry } from './ignore-entry.ts';
import { parseTrivyIgnore, trivyYamlEntries } from './trivy-ignore.ts';

/** Taken from the working directory if nobody names others; the first that is there. */
export const DEFAULT_FILES = ['.clairignore.yaml', '.trivyignore.yaml', '.trivyignore'] as const;

const MAX_BYTES = 4 * 1024 * 1024;
/** What a file says: findings that do not count, and missing parts that somebody accepts. */
export interface IgnoreFile {
  readonly ignore: readonly IgnoreEntry[];
  readonly accept: readonly AcceptEntry[];
}

/** Throws `bad-config` with file and line for whatever cannot be understood: half an ignore file would be a surprise. */
export async function readIgnoreFile(path: string): Promise<IgnoreFile> {
  const text = await readText(path);
  const name = basename(path);
  if (/\.(ya?ml|json)$/i.test(name)) {
    const document = parseConfigDocument(text, name.endsWith('.json') ? '.json' : '.yaml', path);
    return readLists(document, path);
  }
  return { ignore: parseTrivyIgnore(text, path), accept: [] };
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`it is over ${MAX_BYTES >> 20} MiB`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('bad-config', `cannot read the ignore file ${path}: ${messageOf(cause)}`, { cause });
  }
}

const LISTS = ['ignore', 'accept'] as const;

function readLists(document: ConfigDocument, path: string): IgnoreFile {
  const { value } = document;
  if (value === undefined || value === null) return { ignore: [], accept: [] };
  if (typeof value !== 'object' || Array.isArray(value))
    throw new AppError('bad-config', `${path}: expected a list "ignore:" or "accept:"`);
  const isTrivys = 'vulnerabilities' in value && !LISTS.some((list) => list in value);
  if (isTrivys) return { ignore: trivyYamlEntries(document, path), accept: [] };
  const unknown = Object.keys(value).find((key) => !LISTS.some((list) => list === key));
  if (unknown !== undefined)
    throw new AppError(
      'bad-config',
      `${originOf(document, [unknown]) ?? path}: unknown key ${unknown}: expected "ignore:" or "accept:" with a list`,
    );
  const entriesOf = <T>(
    key: (typeof LISTS)[number],
    keys: readonly string[],
    read: (fields: EntryFields, source: string) => readonly T[],
  ): T[] => {
    const list = (value as Readonly<Record<string, unknown>>)[key] ?? [];
    if (!Array.isArray(list)) throw new AppError('bad-config', `${path}: ${key}: expected a list`);
    return list.flatMap((entry: unknown, index) => {
      const source = originOf(document, [key, index]) ?? path;
      return read(
        entryFields(entry, keys, source, (member) => originOf(document, [key, index, member])),
        source,
      );
    });
  };
  return {
    ignore: entriesOf('ignore', ['id', 'package', 'path', 'reason', 'expires'], readIgnore),
    accept: entriesOf('accept', ['kind', 'path', 'what', 'reason', 'expires'], readAccept),
  };
}

function readIgnore(fields: EntryFields, source: string): IgnoreEntry[] {
  const [ids, packages, paths] = [fields.list('id'), fields.list('package'), fields.list('path')];
  if (ids.length + packages.length + paths.length === 0)
    fields.fail('the rule has no condition and would ignore everything: add id, package or path');
  const expires = fields.date('expires');
  const shared = {
    source,
    packages,
    paths,
    reason: fields.text('reason'),
    ...(expires !== undefined && { expires }),
  };
  return ids.length === 0 ? [shared] : ids.map((id) => ({ ...shared, id }));
}

function readAccept(fields: EntryFields, source: string): AcceptEntry[] {
  const kinds = fields.list('kind').map((kind) => {
    if (!Object.hasOwn(COVERAGE_KINDS, kind))
      fields.fail(`kind: ${kind} is none of ${Object.keys(COVERAGE_KINDS).join(', ')}`, 'kind');
    return kind as CoverageKind;
  });
  const paths = fields.list('path');
  if (kinds.length + paths.length === 0)
    fields.fail('the entry has no condition and would accept everything: add kind or path');
  const reason = fields.text('reason');
  const expires = fields.date('expires');
  if (reason === '' || expires === undefined)
    return fields.fail('an accepted entry requires "reason" and a date "expires"');
  return [{ source, kinds, paths, whats: fields.list('what'), reason, expires }];
}
