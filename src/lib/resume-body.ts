/** A body that goes on after its connection broke: what is missing is asked for, and the length verified. */
import { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'undici/types/header.d.ts';

/** An answer as it came, nothing undone. */
export interface RawResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface ResumeOptions {
  /** Asks for the same with these headers added, after a pause. */
  readonly again: (headers: Readonly<Record<string, string>>) => Promise<RawResponse>;
  readonly signal: AbortSignal;
}

/** So many times in a row without a byte more, and it is given up. */
const TRIES = 3;
/** A server that hangs up after every few bytes is given up as well. */
const RESUMES = 100;

/** The body of a 200, continued as often as it takes; what cannot be continued is given as it is. */
export function resumeBody(first: RawResponse, options: ResumeOptions): Readable {
  const validator = validatorOf(first.headers);
  if (first.statusCode !== 200 || validator === '' || first.headers['accept-ranges'] === 'none') {
    return first.body;
  }
  let current = first.body;
  const use = (body: Readable): Readable => {
    body.on('error', () => {}); // whoever reads sees it too; whoever does not must not end the process
    current = body;
    if (stream.destroyed) body.destroy();
    return body;
  };
  const stream: Readable = Readable.from(
    resumed(first, validator, { ...options, use: (body) => use(body) }),
    {
      objectMode: false,
      highWaterMark: 64 * 1024,
    },
  );
  first.body.on('error', () => {});
  // The generator may be waiting for bytes that do not come.
  stream.once('close', () => current.destroy());
  return stream;
}

async function* resumed(
  first: RawResponse,
  validator: string,
  { again, signal, use }: ResumeOptions & { readonly use: (body: Readable) => Readable },
): AsyncGenerator<Buffer> {
  const length = lengthOf(first.headers);
  let read = 0;
  let body: Readable | undefined = first.body;
  for (let resumes = 0, fruitless = 0; ; resumes++) {
    let reason: unknown;
    const before = read;
    try {
      body ??= use(restFrom(read, first, await again({ range: `bytes=${read}-`, 'if-range': validator })));
      for await (const chunk of body as AsyncIterable<Buffer>) {
        read += chunk.length;
        yield chunk;
      }
      if (length === undefined || read === length) return;
      reason = new Error(`${read} of ${length} bytes received`);
    } catch (error) {
      if (error instanceof NotTheRest) throw error;
      reason = error;
    }
    signal.throwIfAborted();
    fruitless = read > before ? 0 : fruitless + 1;
    if (fruitless >= TRIES || resumes === RESUMES || (length !== undefined && read > length)) throw reason;
    body = undefined;
  }
}

/** The server has something else by now, or does not give parts. */
class NotTheRest extends Error {}

function restFrom(offset: number, first: RawResponse, next: RawResponse): Readable {
  if (isRestOf(first, next, offset)) return next.body;
  next.body.on('error', () => {}).destroy();
  const { statusCode } = next;
  if (statusCode >= 500 || statusCode === 429) throw new Error(`status ${statusCode}`);
  const answer = statusCode === 200 ? 'it has changed since' : `status ${statusCode}`;
  throw new NotTheRest(`interrupted after ${offset} bytes and cannot be resumed: ${answer}`);
}

/** Whether `next` begins where the first one ended, and is of the same bytes. */
function isRestOf(first: RawResponse, next: RawResponse, offset: number): boolean {
  const isSame =
    (next.headers['content-encoding'] ?? '') === (first.headers['content-encoding'] ?? '') &&
    (next.headers.etag ?? first.headers.etag) === first.headers.etag;
  // From the first byte on, the whole is the rest: there are servers that know no ranges.
  if (next.statusCode === 200 && offset === 0)
    return isSame && validatorOf(next.headers) === validatorOf(first.headers);
  if (next.statusCode !== 206) return false;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(next.headers['content-range'] ?? ''));
  const total = range?.[2] === '*' ? undefined : Number(range?.[2]);
  const length = lengthOf(first.headers);
  return (
    range !== null &&
    Number(range[1]) === offset &&
    (total === undefined || length === undefined || total === length) &&
    isSame
  );
}

/** What names these very bytes: a strong ETag, else a date (RFC 9110 §13.1.5). */
function validatorOf(headers: IncomingHttpHeaders): string {
  const etag = String(headers.etag ?? '');
  if (etag.startsWith('"')) return etag;
  return etag === '' ? String(headers['last-modified'] ?? '') : '';
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['content-length'];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
