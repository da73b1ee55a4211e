/** The conditional GET of a feed: only what is new since the last time. */
import type { FeedContext } from '../contract/feed.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';

export interface NewsRequest {
  readonly url: string;
  /** What the last fetch gave as `fingerprint`; '' at first. */
  readonly fingerprint: string;
  /** The header of an answer that tells whether it is new; where a server does not send it, the other one does. */
  readonly by: 'etag' | 'last-modified';
  readonly headers?: HttpRequest['headers'];
  /** Addresses that the publisher had before, or has beside it: asked in turn if `url` has no answer, or has nothing there. */
  readonly others?: readonly string[];
}

export interface NewsResponse {
  readonly fingerprint: string;
  /** A 200, not read yet. */
  readonly response: HttpResponse;
}

/**
 * Asks for `url`. A server that ignores the condition, but says the same fingerprint again, is believed too.
 * Throws `feed` for any answer but 200 and 304.
 */
export async function fetchNews(
  context: FeedContext,
  { others = [], ...request }: NewsRequest,
): Promise<NewsResponse | 'unchanged'> {
  let first: unknown;
  for (const url of [request.url, ...others]) {
    try {
      return await fetchNewsAt(context, { ...request, url });
    } catch (error) {
      context.signal.throwIfAborted();
      first ??= error; // of the address that should have it
    }
  }
  throw first;
}

async function fetchNewsAt(
  context: FeedContext,
  { url, fingerprint, by, headers }: NewsRequest,
): Promise<NewsResponse | 'unchanged'> {
  const response = await context.request(url, {
    ...(headers && { headers }),
    ...(fingerprint !== '' && { [isEtag(fingerprint) ? 'etag' : 'modifiedSince']: fingerprint }),
  });
  const current = response.header(by) || response.header(by === 'etag' ? 'last-modified' : 'etag');
  if (response.status === 304 || (response.status === 200 && current !== '' && current === fingerprint)) {
    await response.discard();
    return 'unchanged';
  }
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `${url} returned status ${response.status}`);
  }
  return { fingerprint: current, response };
}

/** A date has no quotes (RFC 9110 §8.8). */
function isEtag(fingerprint: string): boolean {
  return !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} /.test(fingerprint);
}
