/** Pages by key: a page begins behind the last row of the one before, whatever was added meanwhile. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { COUNTED } from '../../model/api/console/common.ts';
import type { Total } from '../../model/api/console/types.ts';

const Cursor = z.tuple([z.union([z.string().max(1000), z.number()]), z.int()]);

export type Cursor = z.infer<typeof Cursor>;

/** Where a page begins: key and id of the last row before it. Throws `bad-request`. */
export function readCursor(after: string | undefined): Cursor | undefined {
  if (after === undefined || after === '') return undefined;
  try {
    return Cursor.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new AppError('bad-request', '"after" is not the "next" of a page', { cause });
  }
}

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** A page of `rows`, which are one more than `limit` if there is another page. */
export function pageOf<T extends { readonly key: string | number; readonly id: number }>(
  rows: readonly T[],
  limit: number,
): { readonly page: readonly T[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last ? writeCursor([last.key, last.id]) : null };
}

/** Of a count that stops behind `COUNTED`. */
export function totalOf(count: number): Total {
  return count > COUNTED ? { at_least: COUNTED } : count;
}

/** How many rows are counted at most. */
export const COUNT_LIMIT = COUNTED + 1;

/** How a list is sorted: a column or expression of SQL, its type, and its direction. */
export interface Sorting {
  readonly key: string;
  readonly type: 'float8' | 'text' | 'timestamptz';
  readonly descending: boolean;
}

/** `sort` of a request, of the expressions of each key. */
export function sortingOf(
  sort: string,
  keys: Readonly<Record<string, { readonly key: string; readonly type: Sorting['type'] }>>,
): Sorting {
  const descending = sort.startsWith('-');
  const found = keys[descending ? sort.slice(1) : sort];
  if (found === undefined) throw new AppError('bad-request', `cannot sort by "${sort}"`);
  return { ...found, descending };
}

/**
 * SQL for a page: `id` is the column that tells rows of one key apart; `$first` and `$first + 1` are the cursor.
 * Expressions are of the program, never of a request.
 */
export function pageSql(
  { key, type, descending }: Sorting,
  id: string,
  first: number,
): { where: string; order: string } {
  const direction = descending ? 'desc' : 'asc';
  return {
    where: `($${first}::${type} is null or (${key}, ${id}) ${descending ? '<' : '>'} ($${first}::${type}, $${first + 1}::int))`,
    order: `${key} ${direction}, ${id} ${direction}`,
  };
}

/** A moment that `since` names: a time, or so long before `now`. */
export function momentOf(since: string, now: Date): Date {
  const ago = /^(\d+)([hd])$/.exec(since);
  if (ago === null) {
    const date = new Date(since);
    if (Number.isNaN(date.getTime())) throw new AppError('bad-request', `"${since}" is no time`);
    return date;
  }
  return new Date(now.getTime() - Number(ago[1]) * (ago[2] === 'h' ? 3600_000 : 24 * 3600_000));
}

/** A page of rows that are all at hand; it goes on behind the row that was last, wherever that is now. */
export function pageOfAll<T>(
  rows: readonly T[],
  limit: number,
  after: Cursor | undefined,
  keyOf: (row: T) => string,
): { readonly page: readonly T[]; readonly next: string | null } {
  let start = 0;
  if (after !== undefined) {
    const [key, index] = after;
    const row = rows[index];
    const isThere = row !== undefined && keyOf(row) === key;
    start = (isThere ? index : rows.findIndex((each) => keyOf(each) === key)) + 1;
    // What was last is gone: as many as there were before it are taken as seen.
    if (start === 0) start = index;
  }
  const end = start + limit;
  const page = rows.slice(start, end);
  const last = page.at(-1);
  return { page, next: end < rows.length && last !== undefined ? writeCursor([keyOf(last), end - 1]) : null };
}
