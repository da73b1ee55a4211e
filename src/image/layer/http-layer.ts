/**
 * One GET of a layer by HTTP(S). Node's own client: in a worker thread it takes a third of undici's memory (7 MB against 21)
 * and less CPU, and one GET with redirects is all there is to do.
 */
import type { IncomingMessage } from 'node:http';
import { AppError, messageOf } from '../../errors.ts';
import { redact } from '../../lib/redact.ts';
import { isBusy } from '../registry/http-retry.ts';
import { checkHost, guardedLookup, type ResolveName } from '../registry/private-address.ts';
import { isLoopback } from '../registry/reference.ts';
import { type TlsSettings, tlsOptions, withoutNodeAdvice } from '../registry/tls-settings.ts';

export interface HttpOptions {
  /** Dial only private, loopback and link-local addresses. */
  readonly airgap: boolean;
  readonly signal: AbortSignal;
  readonly timeouts?: HttpTimeouts;
  readonly tls?: TlsSettings;
  /** In place of the system's, for tests. */
  readonly resolve?: ResolveName;
}

/** Milliseconds. */
export interface HttpTimeouts {
  /** Until the response's headers are there, connecting included. */
  readonly headers: number;
  /** Without a byte. */
  readonly idle: number;
}

/** What a layer is asked for with: the headers of its reference, by lower-case name. */
export type LayerHeaders = Readonly<Record<string, readonly string[]>>;

/** A response that is no redirect; must be read to its end, or destroyed. */
export interface HttpAnswer {
  readonly response: IncomingMessage;
  readonly status: number;
  /** Where it came from in the end. */
  readonly url: URL;
}

const DEFAULT_TIMEOUTS: HttpTimeouts = { headers: 60_000, idle: 60_000 };
const MAX_REDIRECTS = 5;
const BODY_START = 256;

// These belong to the connection, not to what the client of the manifest may say.
const OWN_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
]);
/** What another host is told: nothing that the reference says, which may be keys under any name. */
const CARRIED_ON = new Set(['range', 'if-range']);

/** GETs `uri` with these headers only, and follows redirects; any status is returned. Throws `layer-unavailable`, `bad-layer-url`. */
export async function getLayer(
  uri: string,
  headers: LayerHeaders,
  options: HttpOptions,
): Promise<HttpAnswer> {
  let url = new URL(uri);
  let sent = headers;
  for (let redirects = 0; ; redirects++) {
    const response = await get(url, sent, options);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (!REDIRECTS.has(status) || location === undefined) return { response, status, url };
    response.destroy();
    const next = URL.parse(location, url.href);
    if (next === null || (next.protocol !== 'http:' && next.protocol !== 'https:')) {
      throw failed(url, `redirect to ${JSON.stringify(redact(location))}`);
    }
    if (redirects === MAX_REDIRECTS) throw failed(url, `stopped after ${MAX_REDIRECTS} redirects`);
    // differs: headers of a layer stay with its host, also those that are no known credentials (http-layer.ts)
    if (next.host !== url.host || (url.protocol === 'https:' && next.protocol === 'http:')) {
      const kept = Object.entries(sent).filter(([name]) => CARRIED_ON.has(name));
      sent = { ...requestHeaders({}), ...Object.fromEntries(kept) };
    }
    url = next;
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The headers of a reference that may be sent, and ours. */
export function requestHeaders(headers: LayerHeaders): LayerHeaders {
  // The digest is over the bytes as stored: nothing may be compressed on the way.
  const sent: Record<string, string[]> = { 'accept-encoding': ['identity'], 'user-agent': ['clair'] };
  for (const [name, values] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!OWN_HEADERS.has(lower) && values.length > 0) sent[lower] = [...values];
  }
  return sent;
}

async function get(url: URL, headers: LayerHeaders, options: HttpOptions): Promise<IncomingMessage> {
  const { airgap, signal, timeouts = DEFAULT_TIMEOUTS, tls, resolve: resolveName } = options;
  try {
    await checkHost(url, options);
  } catch (error) {
    throw failed(url, messageOf(error), error);
  }
  const isTls = url.protocol === 'https:';
  // By `import`, all that the module exports would be loaded, WebSockets too: 9 MB and 20 ms more in each thread.
  const { Agent, request: send } = process.getBuiltinModule(isTls ? 'node:https' : 'node:http');
  const agent = new Agent({
    ...(!isLoopback(url.hostname) && { proxyEnv: process.env }),
    ...(isTls && tlsOptions(tls, url.host)),
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  try {
    const request = send(url, {
      agent,
      headers: headers as Record<string, string[]>,
      signal,
      lookup: guardedLookup(airgap, resolveName),
      ...(url.username !== '' && { auth: decodeURIComponent(`${url.username}:${url.password}`) }),
    });
    const waiting = setTimeout(() => {
      request.destroy(silence(`no answer within ${timeouts.headers / 1000} s`));
    }, timeouts.headers);
    request.on('response', (response) => {
      clearTimeout(waiting);
      request.setTimeout(timeouts.idle, () => giveUpIfIdle(response, timeouts.idle));
      resolve(response);
    });
    request.on('error', (error) => {
      clearTimeout(waiting);
      reject(failed(url, messageOf(error) || String((error as { code?: unknown }).code), error));
    });
    request.end();
  } catch (error) {
    const said = new AppError('bad-layer-url', messageOf(error), { cause: error }); // a header that cannot be sent
    reject(failed(url, said.message, said));
  }
  return promise;
}

/** A long look at one file keeps the thread from reading: only what is silent once it is read from again is dead. */
function giveUpIfIdle(response: IncomingMessage, idle: number): void {
  const { socket } = response;
  const before = socket.bytesRead;
  setTimeout(
    () => {
      if (socket.bytesRead > before || response.readableLength > 0) return;
      response.destroy(silence(`no data for ${idle / 1000} s`));
    },
    Math.min(idle, 1000),
  ).unref();
}

function silence(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/** What is told of a status that is of no use; reads the start of the body. */
export async function unexpected({ response, url }: HttpAnswer): Promise<AppError> {
  let start = Buffer.alloc(0);
  try {
    for await (const piece of response) {
      start = Buffer.concat([start, piece as Buffer]);
      if (start.length >= BODY_START) break;
    }
  } catch {
    // What there was of it is shown.
  }
  const status = `${response.statusCode} ${response.statusMessage ?? ''}`.trim();
  const body = JSON.stringify(redact(start.subarray(0, BODY_START).toString()));
  const code = response.statusCode ?? 0;
  return new AppError(
    code >= 400 && code < 500 && !isBusy(code) ? 'layer-refused' : 'layer-unavailable',
    `unexpected status code: ${JSON.stringify(status)} for ${JSON.stringify(redact(url.href))} (body starts: ${body})`,
  );
}

/** What is told of a request that did not come to an answer, or to the end of it. */
export function failed(url: URL, reason: string, cause?: unknown): AppError {
  return new AppError(
    cause instanceof AppError ? cause.code : 'layer-unavailable',
    `fetcher: request failed: Get ${JSON.stringify(redact(url.href))}: ${withoutNodeAdvice(reason)}`,
    {
      cause,
    },
  );
}
