/** Calls to another service of the same Clair, ours or a real one, over HTTP. */
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { AppError, type ErrorCode, messageOf } from '../errors.ts';
import { createDispatcher } from '../lib/dispatcher.ts';
import { readAll } from '../lib/read-all.ts';
import { trustedCertificates } from '../lib/trusted-certificates.ts';
import { traced, traceHeaders } from '../lib/work-context.ts';

export interface ServiceClientOptions {
  /** What messages call it: `indexer`, `matcher`. */
  readonly name: string;
  /** Its URL; a path in it is not used, as in Clair. */
  readonly address: string;
  /** The `Authorization` header for a request; undefined: goes unsigned. */
  readonly sign?: (() => Promise<string>) | undefined;
  /** ms that an answer may take to begin; default: 2 min. */
  readonly answerTimeout?: number;
  /** ms and bytes that a `text` may take; default: 10 min and 256 MiB. */
  readonly textTimeout?: number;
  readonly textLimit?: number;
}

export interface ServiceRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: string | Buffer;
  /** Statuses to be handled by the caller; any other throws. */
  readonly expect: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceAnswer {
  readonly status: number;
  /** Quoted; '' if there is none. */
  readonly etag: string;
  /** '' if there is none. */
  header(name: string): string;
  /** Throws `service` if it is longer, or takes longer, than any report of ours does. */
  text(): Promise<string>;
  /** The body in pieces, for one that may be long: read this or `text`. */
  pieces(): AsyncGenerator<Buffer>;
}

export interface ServiceClient extends AsyncDisposable {
  /** Throws `service` if there is no answer, or one that was not expected; `service-answer` if the same request will get the same again. */
  call(path: string, request: ServiceRequest): Promise<ServiceAnswer>;
}

/** An answer takes as long as an import of a feed may hold up its database; a silent peer is given up. */
const ANSWER_TIMEOUT = 120_000;
const BODY_TIMEOUT = 60_000;
const TEXT_TIMEOUT = 600_000;
const TEXT_LIMIT = 256 * 1024 * 1024;
/** Of an answer that was not expected: what is read of it, and what is told. */
const FAILURE = { bytes: 64 * 1024, timeout: 5000 };
const MESSAGE_LIMIT = 500;
/** Nobody says more than the status. */
const UNAUTHORIZED = 'the key in `auth` must be the same in both configurations';
/** A GET that met a connection which had just been closed is asked again. */
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export function createServiceClient({
  name,
  address,
  sign,
  answerTimeout = ANSWER_TIMEOUT,
  textTimeout = TEXT_TIMEOUT,
  textLimit = TEXT_LIMIT,
}: ServiceClientOptions): ServiceClient {
  const ca = address.startsWith('https:') ? trustedCertificates() : undefined;
  const connect = { timeout: 10_000, ...(ca && { ca }) };
  const dispatcher = createDispatcher({
    headersTimeout: answerTimeout,
    bodyTimeout: BODY_TIMEOUT,
    connect,
  });

  async function send(url: URL, { method = 'GET', headers, body, signal }: ServiceRequest) {
    return await request(url, {
      dispatcher,
      method,
      headers: {
        'user-agent': 'clair',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...traceHeaders(),
        ...headers,
        ...(sign && { authorization: await sign() }),
      },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  }

  return {
    call(path, asked) {
      const attributes = { 'http.request.method': asked.method ?? 'GET', 'peer.service': name };
      return traced(`call ${name}`, attributes, () => ask(path, asked), 'client');
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };

  async function ask(path: string, asked: ServiceRequest): Promise<ServiceAnswer> {
    const url = new URL(path, address);
    const what = `${asked.method ?? 'GET'} ${url.pathname}`;
    try {
      let response: Awaited<ReturnType<typeof send>>;
      try {
        response = await send(url, asked);
      } catch (error) {
        const isLost = LOST.has((error as NodeJS.ErrnoException).code ?? '');
        if (asked.method === 'POST' || !isLost || asked.signal?.aborted) throw error;
        response = await send(url, asked);
      }
      const { statusCode: status, headers, body } = response;
      if (!asked.expect.includes(status)) {
        const said = (await startOf(body)).slice(0, MESSAGE_LIMIT);
        const text = said === '' && status === 401 ? UNAUTHORIZED : said;
        throw new AppError(
          codeOf(status),
          `the ${name} at ${url.origin} answered ${what} with ${status}: ${text}`,
        );
      }
      return {
        status,
        etag: String(headers.etag ?? ''),
        header: (key) => String(headers[key] ?? ''),
        text: async () => {
          try {
            return await textOf(body, textLimit, textTimeout);
          } catch (cause) {
            asked.signal?.throwIfAborted();
            throw unanswered(cause);
          }
        },
        pieces: async function* () {
          try {
            yield* body as AsyncIterable<Buffer>;
          } catch (cause) {
            asked.signal?.throwIfAborted();
            throw unanswered(cause);
          }
        },
      };
    } catch (cause) {
      asked.signal?.throwIfAborted();
      throw cause instanceof AppError ? cause : unanswered(cause);
    }

    function unanswered(cause: unknown): AppError {
      return new AppError(
        'service',
        `the ${name} at ${url.origin} does not answer ${what}: ${messageOf(cause)}`,
        {
          cause,
        },
      );
    }
  }
}

/** 503 passes by itself; what the request itself is to blame for does not. */
function codeOf(status: number): ErrorCode {
  if (status === 503) return 'service-unavailable';
  return [400, 413, 414, 415, 422, 500].includes(status) ? 'service-answer' : 'service';
}

/** All of it. Throws, and lets go of the connection, beyond `limit` bytes or `timeout` ms. */
async function textOf(body: Readable, limit: number, timeout: number): Promise<string> {
  const late = (): void => void body.destroy(new Error(`it is not over after ${timeout / 1000} s`));
  const timer = setTimeout(late, timeout);
  const tooLong = (): Error => new Error(`it is longer than ${limit} bytes`);
  try {
    return (await readAll(body, limit, tooLong)).toString('utf8');
  } finally {
    clearTimeout(timer);
  }
}

/** What there is to say of a failure; that it cannot be read, or is endless, is another one. */
async function startOf(body: Readable): Promise<string> {
  return await textOf(body, FAILURE.bytes, FAILURE.timeout).catch((error: unknown) => messageOf(error));
}
