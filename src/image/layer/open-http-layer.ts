/** A layer by HTTP(S), to its end: asked again when the server is busy, gone on with when the connection broke. */

import type { IncomingMessage } from 'node:http';
import { AppError, messageOf } from '../../errors.ts';
import { pause } from '../../lib/clock.ts';
import type { LayerReference } from '../../model/manifest.ts';
import { DEFAULT_RETRY, isBusy, isTransient, type RetryPolicy, retryDelay } from '../registry/http-retry.ts';
import { type LayerAccess, renewAccess } from '../registry/layer-access.ts';
import {
  failed,
  getLayer,
  type HttpAnswer,
  type HttpOptions,
  type LayerHeaders,
  requestHeaders,
  unexpected,
} from './http-layer.ts';

export interface LayerOptions extends Omit<HttpOptions, 'tls'> {
  readonly retry?: RetryPolicy;
  /** Only of layers that our own command line found in a registry. */
  readonly access?: LayerAccess | undefined;
}

/** A layer that is open for reading; must be read to its end, or closed. */
export interface OpenLayer extends AsyncDisposable {
  /** '' if not said. */
  readonly contentType: string;
  /** Each piece is only good until the next is asked for. */
  readonly pieces: AsyncIterable<Buffer>;
}

/** Failures are forgotten after so much of the layer came meanwhile. */
const PROGRESS = 64 * 1024;
/** But a server that breaks off again and again is given up. */
const BREAKS = 50;
/** Without ranges all that was received already has to come again. */
const RESTARTS = 3;
const RENEWALS = 3;

/** Opens `layer`. A status other than 200 in the end, or a connection that fails too often, throws `layer-unavailable`. */
export async function openHttpLayer(layer: LayerReference, options: LayerOptions): Promise<OpenLayer> {
  const asking = new Asking(layer, options);
  const first = await asking.ask(0);
  let current = first.response;
  return {
    contentType: first.response.headers['content-type'] ?? '',
    pieces: readAll(asking, first, options, (response) => {
      current = response;
    }),
    async [Symbol.asyncDispose]() {
      current.destroy();
    },
  };
}

/** The requests for one layer, and how many of them failed. */
class Asking {
  readonly #layer: LayerReference;
  readonly #options: LayerOptions;
  readonly #retry: RetryPolicy;
  #uri: string;
  #headers: LayerHeaders;
  #renewals = 0;
  #failures = 0;

  constructor(layer: LayerReference, options: LayerOptions) {
    this.#layer = layer;
    this.#options = options;
    this.#retry = options.retry ?? DEFAULT_RETRY;
    this.#uri = layer.uri;
    this.#headers = requestHeaders(layer.headers);
  }

  /** The layer from `offset` on, or (200) from its start; `like` is what the first answer said of it. */
  async ask(offset: number, like?: HttpAnswer): Promise<HttpAnswer> {
    const { access, signal } = this.#options;
    for (;;) {
      let answer: HttpAnswer;
      try {
        // The reference again, not where it led to: presigned URLs run out.
        answer = await getLayer(this.#uri, rangeOf(this.#headers, offset, like), {
          ...this.#options,
          ...(access && { tls: access.tls }),
        });
      } catch (error) {
        await this.failedBy(error, like !== undefined);
        continue;
      }
      const { status, response } = answer;
      if (status === 200 || (offset > 0 && (status === 206 || isAtEnd(answer, offset)))) return answer;
      if (access && (status === 401 || status === 403) && this.#renewals < RENEWALS) {
        this.#renewals++;
        response.destroy();
        const { uri, headers } = await renewAccess(access, this.#layer.hash, signal);
        this.#uri = uri;
        this.#headers = requestHeaders(headers);
        continue;
      }
      const error = await unexpected(answer);
      response.destroy();
      if (!isBusy(status)) throw error;
      await this.#wait(error, response.headers['retry-after']);
    }
  }

  /** Waits for the next try; throws `error` if there is none. */
  async failedBy(error: unknown, wasThere: boolean): Promise<void> {
    if (this.#options.signal.aborted || !isTransient(error, wasThere)) throw error;
    await this.#wait(error);
  }

  /** Something came: what failed before is no sign of what comes. */
  progressed(): void {
    this.#failures = 0;
    this.#renewals = 0;
  }

  async #wait(error: unknown, retryAfter?: string): Promise<void> {
    const delay = retryDelay(this.#retry, ++this.#failures, retryAfter);
    if (delay === undefined) throw error;
    await pause(delay, this.#options.signal, this.#retry.clock).catch(() => {
      throw error;
    });
  }
}

async function* readAll(
  asking: Asking,
  first: HttpAnswer,
  { signal }: LayerOptions,
  opened: (response: IncomingMessage) => void,
): AsyncGenerator<Buffer> {
  let received = 0;
  let counted = 0;
  let restarts = 0;
  let current = first;
  for (let breaks = 1; ; breaks++) {
    let skip = current.status === 200 ? received : 0;
    try {
      for await (const piece of current.response as AsyncIterable<Buffer>) {
        const fresh = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - fresh.length;
        received += fresh.length;
        if (fresh.length > 0) yield fresh;
      }
      if (skip > 0) throw failed(current.url, 'it is shorter than it was before');
      return;
    } catch (error) {
      if (error instanceof AppError) throw error;
      const told = failed(
        current.url,
        `it was interrupted after ${received} bytes: ${messageOf(error)}`,
        error,
      );
      if (signal.aborted || breaks > BREAKS) throw told;
      if (received - counted >= PROGRESS) {
        counted = received;
        asking.progressed();
      }
      await asking.failedBy(told, true);
      current = await asking.ask(received, first);
      opened(current.response);
      if (current.status === 416) return; // disposing closes it
      const isOther = differs(first, current, received);
      if (isOther || (current.status === 200 && received > 0 && ++restarts > RESTARTS)) {
        current.response.destroy();
        throw isOther
          ? failed(current.url, `${messageOf(error)}; then it was another file (${isOther})`)
          : told;
      }
    }
  }
}

/** RFC 9110 §15.5.17: only the end of the answer was lost, all of the layer is here. */
function isAtEnd({ status, response }: HttpAnswer, offset: number): boolean {
  return status === 416 && response.headers['content-range'] === `bytes */${offset}`;
}

/** RFC 9110 §13.1.5: with If-Range comes all of it if it is another file by now. Weak ETags are not for ranges. */
function rangeOf(headers: LayerHeaders, offset: number, like: HttpAnswer | undefined): LayerHeaders {
  if (offset === 0) return headers;
  const etag = like?.response.headers.etag ?? '';
  return {
    ...headers,
    range: [`bytes=${offset}-`],
    ...(/^".*"$/.test(etag) && { 'if-range': [etag] }),
  };
}

/** Why what `now` goes on with is not what `first` began with; undefined: it is, as far as the server says. */
function differs(first: HttpAnswer, now: HttpAnswer, offset: number): string | undefined {
  const [before, after] = [first.response.headers, now.response.headers];
  if (before.etag !== undefined && after.etag !== undefined && before.etag !== after.etag)
    return 'another ETag';
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(after['content-range'] ?? '');
  if (now.status === 206 && Number(range?.[1] ?? -1) !== offset) return 'another range';
  const [size, total] = [before['content-length'], now.status === 206 ? range?.[2] : after['content-length']];
  return size !== undefined && total !== undefined && total !== '*' && size !== total
    ? 'another size'
    : undefined;
}
