/** GET and HEAD of what the world publishes: paced, retried, redirected, bounded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici';
import { AppError, messageOf } from '../errors.ts';
import { type HostPacer, hostPacer } from './host-pacer.ts';
import { type HttpResponse, httpResponse } from './http-response.ts';

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
}

const TRIES = 3;
const REDIRECTS = 10;
const GiB = 1024 ** 3;
/** A server that wants us to wait longer gets its turn with the next update. */
const LONGEST_WAIT = 60_000;
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
  const { userAgent = 'clair', bodyLimit = 4 * GiB, pacer = hostPacer(), backoff = 1000 } = options;
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: 10_000 },
    headersTimeout: 60_000,
    bodyTimeout: 60_000, // between two pieces; not while the reader makes it wait
  });

  async function once(url: URL, request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    await pacer(url.host, signal);
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
        if (!BUSY.has(response.statusCode) || attempt === TRIES || wait > LONGEST_WAIT) return response;
        await response.body.dump();
        await sleep(wait, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === TRIES || UNREACHABLE.has(codeOf(error))) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
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
            return httpResponse(response, {
              url: url.href,
              limit: bodyLimit,
              fileIsCompressed: COMPRESSED_FILE.test(url.pathname),
            });
          await response.body.dump();
          if (hops === REDIRECTS) throw new AppError('feed', `more than ${REDIRECTS} redirects`);
          const next: URL = new URL(location, url);
          if (!/^https?:$/.test(next.protocol)) throw new AppError('feed', `redirect to ${next.protocol}`);
          if (next.origin !== url.origin) current = withoutSecrets(current);
          url = next;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw new AppError('feed', `${request.method ?? 'GET'} ${url?.href ?? address}: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function withoutSecrets({ headers, ...rest }: HttpRequest): HttpRequest {
  if (headers === undefined) return rest;
  const kept = Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name));
  return { ...rest, headers: Object.fromEntries(kept) };
}

/** Retry-After in ms: seconds or a date (RFC 9110 §10.2.3); 0 if there is none. */
function retryAfter(header: string | string[] | undefined): number {
  const text = Array.isArray(header) ? (header[0] ?? '') : (header ?? '');
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
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
