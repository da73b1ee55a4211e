/** GET and HEAD of what the world publishes: paced, retried, redirected, bounded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request as send } from 'undici';
import { AppError, messageOf } from '../errors.ts';
import { createDispatcher } from './dispatcher.ts';
import { hostLookup } from './host-lookup.ts';
import { HostBusy, type HostPacer, hostPacer, LONGEST_WAIT } from './host-pacer.ts';
import { type HttpResponse, httpResponse } from './http-response.ts';
import type { LeastRate } from './least-rate.ts';
import { hasProxy } from './proxies.ts';
import { redact } from './redact.ts';
import { resumeBody } from './resume-body.ts';
import { retryAfter } from './retry-after.ts';
import { trustedTls, trustingConnector } from './trusting-connector.ts';

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends If-None-Match / If-Modified-Since. */
  readonly etag?: string;
  readonly modifiedSince?: string;
}

export interface HttpClient extends AsyncDisposable {
  request(url: string, options: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

export interface HttpClientOptions {
  readonly userAgent?: string;
  /** Most bytes of one body, after its content-encoding was undone. */
  readonly bodyLimit?: number;
  readonly pacer?: HostPacer;
  /** First pause before another try, in ms; it doubles. */
  readonly backoff?: number;
  /** ms to wait for an answer to begin, and between two pieces of it; default a minute. */
  readonly timeout?: number;
  /** What a body that comes more slowly is given up for. */
  readonly leastRate?: LeastRate;
}

const TRIES = 3;
const REDIRECTS = 10;
const GiB = 1024 ** 3;
const BUSY = new Set([429, 502, 503, 504]);
const REDIRECT = new Set([301, 302, 303, 307, 308]);
/** Nobody there, and nobody will be in a second: an installation without that network must not wait for each feed. */
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'UND_ERR_INVALID_ARG',
]);
/** The file itself is compressed: its bytes are wanted as they are. */
const COMPRESSED_FILE = /\.(gz|tgz|bz2|xz|zst|zip|br)$/i;

/** A client for one update of all feeds; honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { userAgent = 'clair', bodyLimit = 4 * GiB, pacer = hostPacer() } = options;
  const { backoff = 1000, timeout = 60_000, leastRate } = options;
  const names = hostLookup();
  const dispatcher = createDispatcher({
    connect: trustingConnector({ timeout: 10_000, lookup: names.lookup }),
    ...(hasProxy() && { requestTls: trustedTls() }),
    headersTimeout: timeout,
    bodyTimeout: timeout, // between two pieces; not while the reader makes it wait
  });

  async function once(url: URL, request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    await pacer.turn(url.host, signal);
    const asIs = COMPRESSED_FILE.test(url.pathname) || request.headers?.range !== undefined;
    return await send(url, {
      dispatcher,
      signal,
      method: request.method ?? 'GET',
      headers: {
        'user-agent': userAgent,
        'accept-encoding': asIs ? 'identity' : 'gzip',
        ...(request.etag && { 'if-none-match': request.etag }),
        ...(request.modifiedSince && { 'if-modified-since': request.modifiedSince }),
        ...request.headers,
      },
    });
  }

  async function persistently(
    url: URL,
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    for (let attempt = 1; ; attempt++) {
      // Spread out: many replicas must not come back in step.
      const pause = backoff * 2 ** (attempt - 1) * (0.5 + Math.random());
      try {
        const response = await once(url, request, signal);
        const wait = Math.max(pause, retryAfter(response.headers['retry-after']));
        if (!BUSY.has(response.statusCode)) return response;
        pacer.hold(url.host, wait); // for everybody's requests: the next turn comes after it
        if (attempt === TRIES || wait > LONGEST_WAIT) return response;
        await response.body.dump();
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === TRIES || error instanceof HostBusy || UNREACHABLE.has(codeOf(error))) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  }

  function answer(
    response: Dispatcher.ResponseData,
    url: URL,
    request: HttpRequest,
    signal: AbortSignal,
  ): HttpResponse {
    const { statusCode, headers } = response;
    const isWhole = request.method !== 'HEAD' && request.headers?.range === undefined;
    // What comes packed is asked for packed again: a range is one of the packed bytes.
    const sameEncoding = { 'accept-encoding': COMPRESSED_FILE.test(url.pathname) ? 'identity' : 'gzip' };
    const again = (more: HttpRequest['headers']): Promise<Dispatcher.ResponseData> =>
      sleep(backoff * (0.5 + Math.random()), undefined, { signal }).then(() =>
        persistently(url, { headers: { ...request.headers, ...sameEncoding, ...more } }, signal),
      );
    const body = isWhole ? resumeBody(response, { again, signal }) : response.body;
    const fileIsCompressed = COMPRESSED_FILE.test(url.pathname);
    return httpResponse(
      { statusCode, headers, body },
      { url: url.href, limit: bodyLimit, fileIsCompressed, ...(leastRate && { leastRate }) },
    );
  }

  return {
    async request(address, request, signal) {
      let url: URL | undefined;
      try {
        url = new URL(address);
        let current = request;
        for (let hops = 0; ; hops++) {
          const response = await persistently(url, current, signal);
          const location = response.headers.location;
          if (!REDIRECT.has(response.statusCode) || typeof location !== 'string')
            return answer(response, url, current, signal);
          await response.body.dump();
          if (hops === REDIRECTS) throw new AppError('feed', `more than ${REDIRECTS} redirects`);
          const next: URL = new URL(location, url);
          if (!/^https?:$/.test(next.protocol)) throw new AppError('feed', `redirect to ${next.protocol}`);
          if (next.origin !== url.origin) current = withoutSecrets(current);
          url = next;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw new AppError(
          'feed',
          redact(`${request.method ?? 'GET'} ${url?.href ?? address}: ${reasonOf(error)}`),
          {
            cause: error,
          },
        );
      }
    },
    [Symbol.asyncDispose]() {
      names[Symbol.dispose]();
      return dispatcher.destroy();
    },
  };
}

function withoutSecrets({ headers, ...rest }: HttpRequest): HttpRequest {
  if (headers === undefined) return rest;
  const kept = Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name));
  return { ...rest, headers: Object.fromEntries(kept) };
}

/** The first code in the chain of causes; of several tried addresses, the last one's. */
function codeOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e instanceof AggregateError ? e.errors.at(-1) : e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return '';
}

function reasonOf(error: unknown): string {
  return messageOf(error) || codeOf(error) || 'no answer';
}
