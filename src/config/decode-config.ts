/** From a configuration as written to one that is checked and has its defaults; a line for each mistake. */
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { redact } from '../lib/redact.ts';
import { type ConfigDocument, originOf, type Path } from './config-document.ts';
import { type Config, configSchema } from './schema.ts';
import { isSecretKey } from './secret-keys.ts';

/** Values of these keys are not shown either. */
const HIDDEN = /^(key|connstring|login)$/;
const SHOWN = 60;

/** Throws `bad-config`: a line for each mistake, with file and line, key, value, and what is wanted. */
export function decodeConfig(document: ConfigDocument, name: string): Config {
  const { value = {} } = document;
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-config', parsed.error.issues.flatMap(linesOf(document, name)).join('\n'));
}

function linesOf(document: ConfigDocument, name: string) {
  return (issue: z.core.$ZodIssue): string[] => {
    const line = (path: Path, text: string): string =>
      `${originOf(document, path) ?? name}: ${path.map(String).join('.') || 'the file'}: ${text}`;
    const { path } = issue;
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(path);
      return issue.keys.map((key) => {
        const meant = nearest(key, known);
        const remedy = meant ? `did you mean ${meant}?` : `remove it, or use one of: ${known.join(', ')}`;
        return line([...path, key], `unknown key: ${remedy}`);
      });
    }
    const value = valueAt(document.value, path);
    const expected = wanted(issue);
    if (value === undefined) return [line(path, `missing: expected ${expected}`)];
    return [line(path, `invalid value ${shown(value, path)}: expected ${expected}`)];
  };
}

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return (
        {
          object: 'keys with values',
          record: 'keys with values',
          array: 'a list',
          string: 'a string',
          boolean: 'true or false',
          int: 'a whole number',
          number: 'a number',
        }[issue.expected as string] ?? issue.message
      );
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `at least ${issue.minimum}`
        : issue.message;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_union': {
      if (issue.message !== 'Invalid input') return issue.message;
      // The alternative that fits best says what is wrong.
      const inner = issue.errors.flat().at(-1);
      return inner === undefined ? issue.message : wanted(inner);
    }
    default:
      return issue.message;
  }
}

function shown(value: unknown, path: Path): string {
  if (path.some((key) => HIDDEN.test(String(key)) || isSecretKey(String(key))))
    return 'the value (not shown)';
  const text = redact(JSON.stringify(value) ?? String(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** The keys that the schema has at `path`. */
function knownKeys(path: Path): string[] {
  let schema = configSchema as unknown as Inner | undefined;
  for (const key of [...path, undefined]) {
    while (schema !== undefined && schema.shape === undefined) schema = schema.def.innerType ?? schema.def.in;
    if (key === undefined) return Object.keys(schema?.shape ?? {});
    schema = schema?.shape?.[String(key)];
  }
  return [];
}

interface Inner {
  readonly def: { readonly innerType?: Inner; readonly in?: Inner };
  readonly shape?: Readonly<Record<string, Inner>>;
}

/** The known word that `word` was probably meant to be. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
