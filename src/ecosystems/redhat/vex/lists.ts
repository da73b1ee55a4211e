/** Red Hat's lists of the VEX documents that changed, and of those that it took back. */
import type { Readable } from 'node:stream';
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import { fetchNews } from '../../../feeds/fetch-news.ts';
import { inFolder } from '../../../feeds/in-folder.ts';

/** Path of a document below the folder -> when it changed (ms). */
export type ChangeTimes = ReadonlyMap<string, number>;

export interface List {
  /** Of the whole list; '' if the server gives none. */
  readonly etag: string;
  readonly changes: ChangeTimes;
  /** The newest time in the list that is not in the server's future; 0 if there is none. */
  readonly newest: number;
}

/** `year/cve-….json`; documents of before 2015 are of another age and not in the archive. */
const PATH = /^(\d{4})\/[A-Za-z0-9][\w.-]{0,100}\.json$/;
const FIRST_YEAR = 2015;

/** Whether it is the path of a document that counts. */
export function isDocument(path: string): boolean {
  return Number(PATH.exec(path)?.[1] ?? 0) >= FIRST_YEAR;
}

/** The documents that `name` lists with a time of at least `since`; 'unchanged' if the list is still that of `etag`. */
export async function fetchList(
  context: FeedContext,
  { folder, name, etag, since }: { folder: string; name: string; etag: string; since: number },
): Promise<List | 'unchanged'> {
  const news = await fetchNews(context, { url: inFolder(folder, name), fingerprint: etag, by: 'etag' });
  if (news === 'unchanged') return news;
  const { response } = news;
  // The server's clock, never ours: what is published while we read has a later time.
  const now = Date.parse(response.header('date')) || Number.POSITIVE_INFINITY;
  const changes = new Map<string, number>();
  let newest = 0;
  for await (const line of linesOf(response.body)) {
    if (line.trim() === '') continue;
    const row = readRow(line);
    if (row === undefined) {
      context.problem({ where: name, reason: `not a path and a time: ${line.slice(0, 200)}` });
      continue;
    }
    if (row.time <= now) newest = Math.max(newest, row.time);
    if (row.time >= since && isDocument(row.path)) {
      if (changes.size >= MAX_ROWS) throw new AppError('feed', `${response.url}: over ${MAX_ROWS} rows`);
      changes.set(row.path, Math.max(row.time, changes.get(row.path) ?? 0));
    }
  }
  return { etag: news.fingerprint, changes, newest };
}

const MAX_ROWS = 2_000_000;
const MAX_LINE = 4096;

// RFC 4180: quoted or not; neither part can have quotes or commas in it.
const ROW = /^"?([^",]+)"?,"?([^",]+)"?$/;

/** A row of a list. */
export function readRow(line: string): { path: string; time: number } | undefined {
  const [, path, date] = ROW.exec(line.trim()) ?? [];
  if (path === undefined || date === undefined || !/^\d{4}-\d\d-\d\dT/.test(date)) return undefined;
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : { path, time };
}

async function* linesOf(body: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!.slice(0, MAX_LINE);
    for (const line of lines) yield line.slice(0, MAX_LINE);
  }
  yield rest;
}
