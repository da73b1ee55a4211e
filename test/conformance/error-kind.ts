/** What a failed index report failed of: the texts of two implementations differ, their kinds should not. */

const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['digest', /validation failed/],
  ['content type', /unknown content-type|mismatched compression/],
  ['status code', /unexpected status code/],
  ['request', /request failed/],
  // before the broken compressions: a text about a tar may end in the reason of its end
  ['no tar', /tarfs|not a tar archive|partial block/],
  ['compression', /disallowed compression|gzip|zstd|magic number mismatch|unexpected EOF|flate|bzip2/],
  ['detector', /failed to scan all layer contents/],
];

/** The first kind that `err` speaks of; '' if there is no error, the text itself if it is of no known kind. */
export function errorKind(err: string): string {
  return KINDS.find(([, pattern]) => pattern.test(err))?.[0] ?? err;
}
