/** Reads ignore files: our own, `.trivyignore` and `.trivyignore.yaml`. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ConfigDocument, originOf, parseConfigDocument } from '../../config/config-document.ts';
import { AppError, messageOf } from '../../errors.ts';
import { dateOf, type IgnoreEntry } from './ignore-entry.ts';
import { parseTrivyIgnore, trivyYamlEntries } from './trivy-ignore.ts';

/** Taken from the working directory if nobody names others; the first that is there. */
export const DEFAULT_FILES = ['.clairignore.yaml', '.trivyignore.yaml', '.trivyignore'] as const;

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PATTERN = 1000;

/** Throws `bad-config` with file and line for whatever cannot be understood: half an ignore file would be a surprise. */
export async function readIgnoreFile(path: string): Promise<IgnoreEntry[]> {
  const text = await readText(path);
  const name = basename(path);
  if (/\.(ya?ml|json)$/i.test(name)) {
    const document = parseConfigDocument(text, name.endsWith('.json') ? '.json' : '.yaml', path);
    return entriesOf(document, path);
  }
  return parseTrivyIgnore(text, path);
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

function entriesOf(document: ConfigDocument, path: string): IgnoreEntry[] {
  const { value } = document;
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw new AppError('bad-config', `${path}: want a list "ignore:"`);
  const isTrivys = 'vulnerabilities' in value && !('ignore' in value);
  if (isTrivys) return trivyYamlEntries(document, path);
  const unknown = Object.keys(value).find((key) => key !== 'ignore');
  if (unknown !== undefined)
    throw new AppError(
      'bad-config',
      `${originOf(document, [unknown]) ?? path}: unknown key ${unknown}: want "ignore:" with a list`,
    );
  const list = (value as { ignore?: unknown }).ignore ?? [];
  if (!Array.isArray(list)) throw new AppError('bad-config', `${path}: ignore: want a list`);
  return list.flatMap((entry: unknown, index) =>
    readEntry(entry, originOf(document, ['ignore', index]) ?? path, (key) =>
      originOf(document, ['ignore', index, key]),
    ),
  );
}

const KEYS = ['id', 'package', 'path', 'reason', 'expires'];

function readEntry(
  entry: unknown,
  source: string,
  placeOf: (key: string) => string | undefined,
): IgnoreEntry[] {
  const fail = (what: string, key = ''): never => {
    throw new AppError('bad-config', `${placeOf(key) ?? source}: ${what}`);
  };
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return fail('want an entry with id, package or path');
  const fields = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) fail(`unknown key ${unknown}: want ${KEYS.join(', ')}`, unknown);
  const listIn = (key: string): string[] => {
    const values = [fields[key] ?? []].flat();
    return values.map((value: unknown) =>
      typeof value === 'string' && value !== '' && value.length <= MAX_PATTERN
        ? value
        : fail(`${key}: want a text, or a list of them`, key),
    );
  };
  const [ids, packages, paths] = [listIn('id'), listIn('package'), listIn('path')];
  if (ids.length + packages.length + paths.length === 0)
    fail('it would ignore everything: want id, package or path');
  const { reason = '', expires } = fields;
  if (typeof reason !== 'string') fail('reason: want a text', 'reason');
  const until = expires === undefined || expires === null ? undefined : dateOf(expires);
  if (until !== undefined && Number.isNaN(until)) fail('expires: want a date such as 2030-12-31', 'expires');
  const shared = {
    source,
    packages,
    paths,
    reason: reason as string,
    ...(until !== undefined && { expires: until }),
  };
  return ids.length === 0 ? [shared] : ids.map((id) => ({ ...shared, id }));
}
