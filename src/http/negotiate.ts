/** Choosing the media type of an answer (RFC 9110 §12.5.1). */
import { AppError } from '../errors.ts';

/**
 * The first of `offered` that the header `accept` prefers; the first of all if there is no header.
 * Throws `not-acceptable` if none will do.
 */
export function negotiate(accept: string | undefined, ...offered: readonly [string, ...string[]]): string {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { range: range === '*' ? '*/*' : range, q: q === undefined ? 1 : Number(q) || 0 };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { range } of ranges) {
    const match = offered.find(
      (type) =>
        range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1))),
    );
    if (match !== undefined) return match;
  }
  throw new AppError('not-acceptable', `no acceptable media type: offering ${offered.join(', ')}`);
}

/** Whether If-None-Match names `etag` (quoted): lists, weak tags and `*` count (RFC 9110 §13.1.2). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => {
    const text = tag.trim();
    return text === '*' || text === etag || text === `W/${etag}`;
  });
}
