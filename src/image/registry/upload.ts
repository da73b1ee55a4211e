/** An upload that a registry has begun, and where its next request goes (OCI distribution-spec 1.1, "Pushing blobs"). */
import type { Readable } from 'node:stream';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { showUrl } from './show-url.ts';
import type { RegistryResponse } from './transport.ts';

export interface Blob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** The bytes from `from` (inclusive) to `to` (exclusive); called again if a request is made again. */
  readonly open: (from: number, to: number) => Readable;
}

export interface Upload {
  readonly location: URL;
  /** Least bytes of a chunk that the registry takes (`OCI-Chunk-Min-Length`); 0: it does not say. */
  readonly chunkAtLeast: number;
}

/** What the statuses of a push mean. */
export const UPLOAD_REASONS: Readonly<Record<number, string>> = {
  403: 'this login may not write there',
  404: 'the registry does not have this repository',
  405: 'the registry takes no uploads',
  413: 'the registry takes no request of this size',
};

/** Where an upload goes on. Throws `bad-target`. */
export function locationOf(answer: RegistryResponse): URL {
  const said = answer.header('location');
  const location = said === '' ? null : URL.parse(said, answer.url.href);
  if (location === null || !/^https?:$/.test(location.protocol))
    throw new AppError('bad-target', `${showUrl(answer.url)} returned no Location for the upload`);
  // A registry that does not know of the TLS in front of it.
  if (answer.url.protocol === 'https:' && location.host === answer.url.host) location.protocol = 'https:';
  location.hash = '';
  return location;
}

/** The address of the last request of an upload: it names the digest, beside what the query has already. */
export function finished(location: URL, digest: Digest): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}
