/** Choosing the media type of an answer (RFC 9110 §12.5.1). */
import { AppError } from '../errors.ts';
import { readPreferences } from './accepted.ts';

/**
 * The one of `offered` that the header `accept` prefers; the first of all if there is no header. Of those that are
 * preferred equally, the one that the header names first. Throws `not-acceptable` if none will do.
 */
// differs: `*` is `*/*`, q=0 is a no, and what is no media type matches nothing; Clair answers 500 and 200 (clair-service.md#content-negotiation)
export function negotiate(accept: string | undefined, ...offered: readonly [string, ...string[]]): string {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = readPreferences(accept).map(({ name, q }) => ({ range: name === '*' ? '*/*' : name, q }));
  const [best] = offered
    .flatMap((type, place) => {
      // RFC 9110 §12.5.1: the most specific range that has the type says how much it is wanted
      const matching = ranges.filter(({ range }) => covers(range, type));
      const rank = Math.max(...matching.map(({ range }) => specificity(range)));
      const found = matching.find(({ range }) => specificity(range) === rank);
      return found === undefined || found.q === 0
        ? []
        : [{ type, place, q: found.q, at: ranges.indexOf(found) }];
    })
    .sort((a, b) => b.q - a.q || a.at - b.at || a.place - b.place);
  if (best !== undefined) return best.type;
  throw new AppError('not-acceptable', `no acceptable media type: offering ${offered.join(', ')}`);
}

function covers(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function specificity(range: string): number {
  return range === '*/*' ? 0 : range.endsWith('/*') ? 1 : 2;
}

/** Whether If-None-Match names `etag` (quoted): lists, weak tags and `*` count (RFC 9110 §13.1.2). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = etag.replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => {
    const text = tag.trim();
    return text === '*' || text === strong || text === `W/${strong}`;
  });
}
