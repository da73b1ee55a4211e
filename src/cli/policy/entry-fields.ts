/** Reads the members of an entry of our own ignore file; what cannot be understood is an error with file and line. */
import { AppError } from '../../errors.ts';
import { dateOf } from './ignore-entry.ts';

const MAX_PATTERN = 1000;

export interface EntryFields {
  /** One text or a list of them; [] if it is not there. */
  list(key: string): string[];
  /** '' if it is not there. */
  text(key: string): string;
  /** ms since 1970. */
  date(key: string): number | undefined;
  /** Throws `bad-config` with the place of `key`, or of the entry. */
  fail(what: string, key?: string): never;
}

/** Throws `bad-config` if `entry` is no mapping, or has a key that is not of `keys`. */
export function entryFields(
  entry: unknown,
  keys: readonly string[],
  source: string,
  placeOf: (key: string) => string | undefined,
): EntryFields {
  const fail = (what: string, key = ''): never => {
    throw new AppError('bad-config', `${placeOf(key) ?? source}: ${what}`);
  };
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return fail(`expected an entry with ${keys.join(', ')}`);
  const fields = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown !== undefined) fail(`unknown key ${unknown}: expected ${keys.join(', ')}`, unknown);
  return {
    fail,
    list: (key) =>
      [fields[key] ?? []]
        .flat()
        .map((value: unknown) =>
          typeof value === 'string' && value !== '' && value.length <= MAX_PATTERN
            ? value
            : fail(`${key}: expected a string or a list of strings`, key),
        ),
    text(key) {
      const value = fields[key] ?? '';
      return typeof value === 'string' ? value : fail(`${key}: expected a string`, key);
    },
    date(key) {
      const value = fields[key];
      if (value === undefined || value === null) return undefined;
      const time = dateOf(value);
      return Number.isNaN(time) ? fail(`${key}: expected a date such as 2030-12-31`, key) : time;
    },
  };
}
