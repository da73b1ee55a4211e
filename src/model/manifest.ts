/** What a client hands in to be indexed. */
import type { Digest } from './digest.ts';

export interface LayerReference {
  readonly hash: Digest;
  /** http(s) URL; `file:` and archive members only from our own CLI, never from a request. */
  readonly uri: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Layers from the base upwards. */
export interface Manifest {
  readonly hash: Digest;
  readonly layers: readonly LayerReference[];
}
