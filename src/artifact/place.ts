/** Where an artifact is: a registry, a folder behind HTTPS, a folder on this machine. */
import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { BlobDescriptor } from './manifest.ts';

/** What is read of a place; all of it may fail with `bad-target`. */
export interface ArtifactPlace extends AsyncDisposable {
  /** For messages, and to tell one place from another. */
  readonly name: string;
  /** What the place is asked for when nobody says more: a tag, or a digest. */
  readonly reference: string;
  /** A manifest or an index by tag or digest, verified if by digest; undefined: there is none. */
  manifest(reference: string): Promise<Buffer | undefined>;
  /** Bytes `from` to `to` (not included) of a blob. */
  read(digest: string, from: number, to: number): Promise<Buffer>;
  /** Manifests that name this one as their subject. */
  referrers(digest: string): Promise<readonly BlobDescriptor[]>;
}

/** Bytes of a range at most. */
export const RANGE_LIMIT = 4 * 1024 ** 2;

/** Throws `bad-target` if `bytes` are others than were asked for. */
export function verified(bytes: Buffer, digest: string, where: string): Buffer {
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (actual === digest) return bytes;
  throw new AppError(
    'bad-target',
    `${where} is damaged: ${digest} has the digest ${actual}. What was loaded before stays; try again, or name another --db-repository`,
  );
}
