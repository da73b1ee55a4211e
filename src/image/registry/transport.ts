/** HTTP to a registry: redirects without credentials, bounded bodies, retries, few connections. Imported with the first session: its client is large. */
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { AppError, messageOf } from '../../errors.ts';
import { pause } from '../../lib/clock.ts';
import { createDispatcher, HTTP1 } from '../../lib/dispatcher.ts';
import { readAll } from '../../lib/read-all.ts';
import { DEFAULT_RETRY, isBusy, isTransient, type RetryPolicy, retryDelay } from './http-retry.ts';
import { type AddressGuard, checkHost, guardedLookup } from './private-address.ts';
import { isLoopback } from './reference.ts';
import { showUrl } from './show-url.ts';
import { type TlsSettings, tlsOptions, withoutNodeAdvice } from './tls-settings.ts';

export interface RegistryTransportOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly tls: TlsSettings;
  readonly retry?: RetryPolicy;
  /** Which addresses may be dialled, also after redirects and for tokens; absent: all, for our own command line. */
  readonly guard?: AddressGuard;
}

export interface RegistryRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is made anew for each attempt. */
  readonly body?: string | Buffer | (() => Readable);
  /** Nothing is tried again: an upload that broke off goes on elsewhere than it began. */
  readonly once?: boolean;
}

export interface RegistryResponse {
  readonly status: number;
  /** Where it came from in the end, and the headers that were sent there. */
  readonly url: URL;
  readonly sent: Readonly<Record<string, string>>;
  /** Header value by lower-case name; '' if absent. */
  header(name: string): string;
  /** The body, at most `limit` bytes. Throws `bad-target`. */
  read(limit: number): Promise<Buffer>;
  discard(): Promise<void>;
}

export interface RegistryTransport extends AsyncDisposable {
  /**
   * Follows redirects of what is read, and those that keep method and body (307, 308) of what is uploaded; any status is
   * returned, one that may pass after retries. `Authorization` goes to the origin of `url` only.
   */
  ask(url: URL, ask?: RegistryRequest): Promise<RegistryResponse>;
}

const REDIRECTS = 10;
const TIMEOUT_MS = 60_000;
const CONNECT_MS = 15_000;
const USER_AGENT = 'clairctl';
/** At the same time to one host. */
const CONNECTIONS = 4;

/** Opens a transport; proxies are those of the environment. */
export function openTransport({
  env,
  signal,
  tls,
  retry = DEFAULT_RETRY,
  guard,
}: RegistryTransportOptions): RegistryTransport {
  // One for each host: a client certificate is shown to the registry only.
  const dispatchers = new Map<string, Dispatcher>();
  const dispatcherOf = (url: URL): Dispatcher => {
    const known = dispatchers.get(url.origin);
    if (known) return known;
    const connect = {
      timeout: CONNECT_MS,
      ...(guard && { lookup: guardedLookup(guard.airgap, guard.resolve) }),
      ...(url.protocol === 'https:' && tlsOptions(tls, url.host)),
    };
    const common = { ...HTTP1, connect, connections: CONNECTIONS };
    // Proxies seldom allow tunnels to where TLS is not expected.
    const proxyTunnel = url.protocol === 'https:';
    const made = isLoopback(url.hostname)
      ? new Agent(common)
      : createDispatcher({ ...common, proxyTunnel }, env);
    dispatchers.set(url.origin, made);
    return made;
  };

  async function once(url: URL, { method = 'GET', headers = {}, body }: RegistryRequest) {
    try {
      if (guard) await checkHost(url, { ...guard, signal });
      return await request(url, {
        dispatcher: dispatcherOf(url),
        method,
        headers: { ...headers, 'user-agent': USER_AGENT },
        signal,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new AppError('bad-target', `${showUrl(url)} could not be reached: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  async function persistently(url: URL, ask: RegistryRequest) {
    for (let failures = 1; ; failures++) {
      try {
        const response = await once(url, ask);
        if (ask.once || !isBusy(response.statusCode)) return response;
        const delay = retryDelay(retry, failures, String(response.headers['retry-after'] ?? ''));
        if (delay === undefined) return response;
        await response.body.dump();
        await pause(delay, signal, retry.clock);
      } catch (error) {
        signal.throwIfAborted();
        const delay = !ask.once && isTransient(error) ? retryDelay(retry, failures) : undefined;
        if (delay === undefined) throw error;
        await pause(delay, signal, retry.clock);
      }
    }
  }

  return {
    async ask(start, ask = {}) {
      let url = start;
      let headers = ask.headers ?? {};
      for (let hops = 0; ; hops++) {
        const { statusCode, headers: received, body } = await persistently(url, { ...ask, headers });
        const header = (name: string) => String(received[name] ?? '');
        const location = redirects(ask.method).includes(statusCode) ? header('location') : '';
        if (location === '') {
          return answerOf({ status: statusCode, url, sent: headers, header }, body, signal);
        }
        await body.dump();
        if (hops === REDIRECTS)
          throw new AppError('bad-target', `${showUrl(start)} redirects more than ${REDIRECTS} times`);
        const next = URL.parse(location, url.href);
        if (next === null || !/^https?:$/.test(next.protocol)) {
          throw new AppError('bad-target', `${showUrl(url)} redirects to a URL that is not HTTP`);
        }
        // What the registry is told is no other host's business, and does not come back by a detour either.
        if (next.origin !== url.origin) headers = withoutCredentials(headers);
        next.hash = '';
        url = next;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...dispatchers.values()].map((each) => each.destroy()));
    },
  };
}

/** Statuses that are followed. The body of a POST may be a secret for one host, that of PUT and PATCH is content. */
function redirects(method: RegistryRequest['method'] = 'GET'): readonly number[] {
  if (method === 'POST') return [];
  return method === 'PUT' || method === 'PATCH' ? [307, 308] : [301, 302, 303, 307, 308];
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie)$/i.test(name)),
  );
}

function answerOf(
  head: Pick<RegistryResponse, 'status' | 'url' | 'sent' | 'header'>,
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
): RegistryResponse {
  return {
    ...head,
    async read(limit) {
      try {
        return await readAll(
          body,
          limit,
          () => new AppError('bad-target', `${showUrl(head.url)} returned more than ${limit} bytes`),
        );
      } catch (error) {
        if (error instanceof AppError) throw error;
        signal.throwIfAborted();
        throw new AppError('bad-target', `${showUrl(head.url)} was interrupted: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    discard: () => body.dump(),
  };
}

/** The message of a failed connection to several addresses is empty; theirs are not. */
function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = String((inner as NodeJS.ErrnoException | undefined)?.code ?? '');
  const advice = CERTIFICATE.test(code)
    ? '; name the certificate of its authority with --ca-cert, or do not verify with --insecure'
    : '';
  return (withoutNodeAdvice(messageOf(inner)) || code || 'unknown reason') + advice;
}

/** OpenSSL's words for certificates that cannot be trusted. */
const CERTIFICATE =
  /^(?:(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(?:GET|VERIFY)_|CERT_|ERR_TLS_CERT_ALTNAME)/;
