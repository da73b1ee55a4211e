/** For tests: an upstream made of a table, and the context of a feed that asks it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FeedContext } from '../contract/feed.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import type { Problem } from '../model/package.ts';

/** What a URL answers; a bare text or bytes is a 200. */
export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A context whose world is `answers` by URL: anything else is 404, `undefined` is no answer at all. */
export interface FakeUpstream {
  readonly context: FeedContext;
  readonly answers: Map<string, CannedAnswer | string | Buffer | undefined>;
  /** `GET url` of each request so far. */
  readonly requests: string[];
  readonly problems: Omit<Problem, 'source'>[];
  /** Bodies that were neither read nor dropped. */
  readonly open: () => number;
}

/** Answers conditional requests as servers do, by the `etag` and `last-modified` headers of the table. */
export function fakeUpstream(
  table: Readonly<Record<string, CannedAnswer | string | Buffer | undefined>>,
  now = new Date('2026-05-06T07:08:09Z'),
): FakeUpstream {
  const answers = new Map(Object.entries(table));
  const requests: string[] = [];
  const problems: Omit<Problem, 'source'>[] = [];
  const bodies = new Set<Readable>();
  const context: FeedContext = {
    async request(url, options = {}) {
      requests.push(`${options.method ?? 'GET'} ${url}`);
      if (answers.has(url) && answers.get(url) === undefined) throw new AppError('feed', `${url}: no answer`);
      const answer = answers.get(url) ?? { status: 404 };
      const full = typeof answer === 'string' || Buffer.isBuffer(answer) ? { body: answer } : answer;
      return responseOf(
        url,
        isUnchanged(full, options) ? { ...full, status: 304, body: '' } : full,
        options,
        bodies,
      );
    },
    async spool(body) {
      const path = join(spoolFolder(), String(spooled++));
      await writeFile(path, body);
      return path;
    },
    problem: (problem) => void problems.push(problem),
    now: () => now,
    signal: new AbortController().signal,
  };
  return {
    context,
    answers,
    requests,
    problems,
    open: () => [...bodies].filter((body) => !body.destroyed).length,
  };
}

let folder: string | undefined;
let spooled = 0;

/** One for all tests of the process, gone with it. */
function spoolFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'clair-feed-test-'));
    folder = made;
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return folder;
}

function isUnchanged({ headers = {} }: CannedAnswer, { etag, modifiedSince }: HttpRequest): boolean {
  if (etag) return headers.etag === etag;
  return Boolean(modifiedSince) && headers['last-modified'] === modifiedSince;
}

function responseOf(
  url: string,
  answer: CannedAnswer,
  { method }: HttpRequest,
  bodies: Set<Readable>,
): HttpResponse {
  const bytes = Buffer.from(method === 'HEAD' ? '' : (answer.body ?? ''));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1000) chunks.push(bytes.subarray(at, at + 1000));
  const body = Readable.from(chunks, { objectMode: false });
  bodies.add(body);
  return {
    status: answer.status ?? 200,
    url,
    header: (name) => answer.headers?.[name] ?? '',
    body,
    discard: async () => void body.destroy(),
    async text(limit = 16 * 1024 * 1024) {
      body.destroy();
      if (bytes.length > limit) throw new AppError('feed', `${url}: over ${limit} bytes`);
      return bytes.toString();
    },
  };
}
