/** Delivery by HTTP: a POST that says where the notifications are. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Dispatcher, request } from 'undici';
import { AppError, messageOf } from '../../errors.ts';
import { createDispatcher } from '../../lib/dispatcher.ts';
import { retryAfter } from '../../lib/retry-after.ts';
import type { Secret } from '../../lib/secret.ts';
import { trustedCertificates } from '../../lib/trusted-certificates.ts';
import { traceHeaders } from '../../lib/work-context.ts';
import { RetryAfterError, type Transport } from '../contract.ts';
import { callbackMessage } from '../messages.ts';
import type { WebhookSettings } from './schema.ts';

export interface WebhookParts {
  /** The `Authorization` header of a request; undefined: it goes unsigned. */
  readonly sign?: (() => Promise<string>) | undefined;
  readonly userAgent: string;
  /** ms until an answer must have begun; for tests. */
  readonly patience?: number;
  /** What time it is, in ms since 1970; for tests. */
  readonly now?: () => number;
}

const PATIENCE = 30_000;
const REDIRECTS = 3;
/** Bytes of an answer: the beginning of one that is no success is told. */
const ANSWER = 64 * 1024;
const TOLD = 200;
/** ms for the rest of an answer. */
const REST = 2_000;
/** The connection's own, or ours: not for the configuration. */
const OURS = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'host',
]);

/** Throws `bad-config` if a header cannot be sent. */
export function webhookTransport(settings: WebhookSettings, parts: WebhookParts): Transport {
  const { target, callback } = settings;
  const { sign, userAgent, patience = PATIENCE, now = Date.now } = parts;
  const headers = configuredHeaders(settings.headers ?? {});
  const ca = trustedCertificates();
  const connect = { timeout: 10_000, ...(ca && { ca }) };
  const dispatcher = createDispatcher({ headersTimeout: patience, bodyTimeout: patience, connect });

  async function post(url: URL, body: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return await request(url, {
      dispatcher,
      signal,
      method: 'POST',
      headers: {
        'user-agent': userAgent,
        ...traceHeaders(),
        ...revealed(headers),
        'content-type': 'application/json',
        ...(sign && { authorization: await sign() }),
      },
      body,
    });
  }

  return {
    name: 'webhook',
    direct: false,
    callback,
    async deliver(delivery, signal) {
      const body = callbackMessage(delivery);
      let url = new URL(target.reveal());
      for (let hops = 0; ; hops++) {
        const response = await post(url, body, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          throw new Error(`${url.origin} does not answer: ${reasonOf(error)}`, { cause: error });
        });
        const { statusCode: status, headers: answer } = response;
        const beginning = await readBeginning(response.body, status === 200);
        // As Clair: no other 2xx will do (clair-service.md#transports).
        if (status === 200) return;
        const next = typeof answer.location === 'string' ? URL.parse(answer.location, url.href) : null;
        // The others would make a GET of it, or bring the token to somebody else.
        if ((status === 307 || status === 308) && next?.origin === url.origin && hops < REDIRECTS) {
          url = next;
          continue;
        }
        throw refusal(url, response, beginning, now());
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function refusal(
  url: URL,
  { statusCode: status, headers }: Dispatcher.ResponseData,
  beginning: string,
  now: number,
): Error {
  const told = beginning === '' ? '' : `: ${beginning}`;
  if (status >= 300 && status < 400 && typeof headers.location === 'string') {
    const next = URL.parse(headers.location, url.href);
    return new Error(
      `${url.origin} returned status ${status}, a redirect to ${next?.origin ?? 'another server'}. Set notifier.webhook.target to the final URL`,
    );
  }
  const message = `${url.origin} answers ${status}, not 200${told}`;
  const wait = status === 429 || status === 503 ? retryAfter(headers['retry-after'], now) : 0;
  return wait > 0 ? new RetryAfterError(message, wait) : new Error(message);
}

/** Reads on for a moment, so that the connection can be used again. Never throws: the status has decided. */
async function readBeginning(body: Dispatcher.ResponseData['body'], isOver: boolean): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => body.destroy(), REST);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (!isOver && length <= ANSWER) chunks.push(chunk);
      if (length > ANSWER) break;
    }
  } catch {
    // What there is will do.
  }
  clearTimeout(timer);
  const text = Buffer.concat(chunks).toString('utf8').slice(0, TOLD);
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

function configuredHeaders(
  configured: Readonly<Record<string, readonly Secret[]>>,
): Record<string, readonly Secret[]> {
  const headers: Record<string, readonly Secret[]> = {};
  for (const [name, values] of Object.entries(configured)) {
    const key = name.toLowerCase();
    try {
      validateHeaderName(name);
      for (const value of values) validateHeaderValue(name, value.reveal());
    } catch (error) {
      throw new AppError('bad-config', `notifier.webhook.headers: ${messageOf(error)}`, { cause: error });
    }
    if (OURS.has(key) || values.length === 0) continue;
    headers[key] = [...(headers[key] ?? []), ...values];
  }
  return headers;
}

/** For one request. */
function revealed(headers: Readonly<Record<string, readonly Secret[]>>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => {
      const texts = values.map((value) => value.reveal());
      return [name, texts.length === 1 ? texts[0]! : texts];
    }),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
