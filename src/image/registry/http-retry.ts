/** When a request is made again, and after how long: what the registry and the layer fetcher have in common. */
import type { Clock } from '../../lib/clock.ts';
import { retryAfter } from '../../lib/retry-after.ts';

export interface RetryPolicy {
  /** Requests in a row that may fail. */
  readonly tries: number;
  /** First pause in ms; it doubles. */
  readonly backoff: number;
  /** The longest that a server may make us wait, in ms; one that wants more is not asked again. */
  readonly longest: number;
  /** For tests. */
  readonly clock?: Clock;
}

export const DEFAULT_RETRY: RetryPolicy = { tries: 5, backoff: 500, longest: 60_000 };

const BUSY = new Set([408, 429, 500, 502, 503, 504]);
/** Connections that were there and broke, or answers that did not come. Not: nobody listens, no such host, no TLS. */
const TRANSIENT = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** Whether an answer with this status may be another one in a moment. */
export function isBusy(status: number): boolean {
  return BUSY.has(status);
}

/** What a host that just answered may be for a moment, as when it is restarted. */
const GONE = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/** Whether `error`, or what caused it, is a connection that may work the next time; `wasThere`: it did a moment ago. */
export function isTransient(error: unknown, wasThere = false): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause, depth++) {
    const code = 'code' in each ? String(each.code) : '';
    if (TRANSIENT.has(code) || (wasThere && GONE.has(code))) return true;
  }
  return false;
}

/**
 * Milliseconds before the next request after `failures` (1, 2, …) of them; undefined: there is no next one. Spread out,
 * as many clients must not come back in step; never before the server's `Retry-After` (`header`).
 */
export function retryDelay(policy: RetryPolicy, failures: number, header = ''): number | undefined {
  if (failures >= policy.tries) return undefined;
  const pause = policy.backoff * 2 ** (failures - 1) * (0.5 + Math.random());
  const wait = Math.max(pause, retryAfter(header));
  return wait > policy.longest ? undefined : wait;
}

/** Whether asking for `error` failed because nobody speaks TLS there. */
export function isNoTls(error: unknown): boolean {
  const code = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
  return [
    'ECONNREFUSED',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  ].includes(code ?? '');
}
