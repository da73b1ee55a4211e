/** An upstream's answer as feeds see it: content-encoding undone, no more bytes than allowed. */
import { pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AppError, messageOf } from '../errors.ts';
import { atLeast, type LeastRate } from './least-rate.ts';
import { readAll } from './read-all.ts';
import { redact } from './redact.ts';
import type { RawResponse } from './resume-body.ts';
import { unzstd } from './unzstd.ts';

const MiB = 1024 * 1024;

export interface HttpResponse {
  readonly status: number;
  readonly url: string;
  /** Header value by lower-case name; '' if absent. */
  header(name: string): string;
  /** The bytes as sent (content-encoding undone, file compression not). Must be read, or dropped by `discard`. */
  readonly body: Readable;
  discard(): Promise<void>;
  /** The whole body as text, at most `limit` bytes (default 16 MiB); over it throws `feed`. */
  text(limit?: number): Promise<string>;
}

export interface ResponseOptions {
  readonly url: string;
  /** Most bytes of the body. */
  readonly limit: number;
  /** A content-encoding only says what the file's name says already. */
  readonly fileIsCompressed: boolean;
  /** What comes more slowly is given up. */
  readonly leastRate?: LeastRate;
}

/** Throws `feed` if the body's encoding is unknown. */
export function httpResponse(
  { statusCode, headers, body: raw }: RawResponse,
  { url, limit, fileIsCompressed, leastRate }: ResponseOptions,
): HttpResponse {
  const header = (name: string): string => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  };
  raw.on('error', () => {}); // whoever reads sees it too; whoever does not must not end the process
  const coding = header('content-encoding');
  const decoder = fileIsCompressed ? undefined : decoderOf(coding, url);
  const limiter = limitBytes({
    limit,
    url,
    isPage: statusCode === 200 && !isFolder(url) ? pageOf(header('content-type')) : () => false,
    explain: (reason) => (decoder ? `${reason} (Content-Encoding: ${coding.slice(0, 20)})` : reason),
  });
  const paced = (chunks: AsyncIterable<Uint8Array>) => atLeast(chunks, url, leastRate);
  const body: Readable = decoder
    ? pipeline(raw, paced, decoder, limiter, () => {})
    : pipeline(raw, paced, limiter, () => {});
  body.on('error', () => {});
  return {
    status: statusCode,
    url,
    header,
    body,
    async discard() {
      let length = 0;
      try {
        // A short rest is read, so that the connection can be used again.
        for await (const chunk of body as AsyncIterable<Buffer>) if ((length += chunk.length) > MiB) break;
      } catch {
        // It was not wanted anyway.
      }
    },
    async text(most = 16 * MiB) {
      return (await readAll(body, most, () => tooLong(url, most))).toString('utf8');
    },
  };
}

function decoderOf(encoding: string, url: string): Transform | typeof unzstd | undefined {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ chunkSize: 256 * 1024 });
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return unzstd;
    default:
      throw new AppError('feed', `${redact(url)}: content-encoding ${encoding} cannot be read`);
  }
}

/** What a server lists of a folder is a page: the releases of Debian and SUSE are known by such. */
function isFolder(url: string): boolean {
  return URL.parse(url)?.pathname.endsWith('/') ?? false;
}

/** Whether bytes begin an HTML page: no file that anything here reads is one. */
function pageOf(type: string): (start: Buffer) => boolean {
  const isSaid = /^text\/html\b/i.test(type);
  return (start) => {
    const text = start.subarray(0, 512).toString('latin1');
    return /^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b/i.test(text) || (isSaid && /^\s*</.test(text));
  };
}

interface Expected {
  readonly limit: number;
  readonly url: string;
  readonly isPage: (start: Buffer) => boolean;
  /** A reason with what there is to add to it. */
  readonly explain: (reason: string) => string;
}

/** Passes bytes on; every failure, also of what comes before it, names the URL. */
function limitBytes({ limit, url, isPage, explain }: Expected): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const isPageOfHtml = length === 0 && isPage(chunk);
      length += chunk.length;
      if (isPageOfHtml) done(new AppError('feed', `${redact(url)}: ${PAGE}`));
      else if (length > limit) done(tooLong(url, limit));
      else done(null, chunk);
    },
    destroy(error, done) {
      if (error === null || error instanceof AppError || error.name === 'AbortError') return done(error);
      done(new AppError('feed', `${redact(url)}: ${explain(messageOf(error))}`, { cause: error }));
    },
  });
}

const PAGE =
  'an HTML page was returned instead of the file, possibly by a proxy, a login or an error page. Open the URL in a browser';

function tooLong(url: string, limit: number): AppError {
  return new AppError('feed', `${redact(url)}: exceeds ${limit} bytes`);
}
