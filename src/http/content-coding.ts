/** Codings of content: which one a client wants (RFC 9110 §12.5.3), and how they are made and undone. */
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
  deflate,
  gzip,
  zstdCompress,
} from 'node:zlib';
import { readPreferences } from './accepted.ts';

interface Codec {
  /** All at once, on another thread. */
  readonly encode: (content: Buffer) => Promise<Buffer>;
  readonly encoder: () => Transform;
  readonly decoder: () => Transform;
}

/** Twice as fast as zlib's own choice, and a few percent larger. */
const GZIP = { level: 4 };

/** The best first: of those that a client likes as much. */
const CODECS = {
  zstd: {
    encode: promisify(zstdCompress) as Codec['encode'],
    encoder: () => createZstdCompress(),
    decoder: () => createZstdDecompress(),
  },
  gzip: {
    encode: (content) => promisify<Buffer, object, Buffer>(gzip)(content, GZIP),
    encoder: () => createGzip(GZIP),
    decoder: () => createGunzip(),
  },
  // differs: deflate is with zlib's frame, as RFC 9110 §8.4.1.2 says; Clair's is without (clair-service.md#content-negotiation)
  deflate: {
    encode: (content) => promisify<Buffer, object, Buffer>(deflate)(content, GZIP),
    encoder: () => createDeflate(GZIP),
    decoder: () => createInflate(),
  },
} as const satisfies Record<string, Codec>;

export type Coding = keyof typeof CODECS;

const CODINGS = Object.keys(CODECS) as readonly Coding[];

/** What Accept-Encoding of an answer says: what a request's content may be coded with. */
export const ACCEPT_ENCODING = CODINGS.join(', ');

/** The codec of a coding by any of its names; undefined: there is none. */
export function codecOf(name: string): Codec | undefined {
  const plain = name.trim().toLowerCase().replace(/^x-/, '');
  return Object.hasOwn(CODECS, plain) ? CODECS[plain as Coding] : undefined;
}

export interface CodingChoice {
  /** undefined: none but the content as it is. */
  readonly coding: Coding | undefined;
  /** Whether the content as it is will do too. */
  readonly identity: boolean;
}

/** undefined: nothing that we have is wanted. */
// differs: a coding without a q has 1, where Clair has 0, and turns the order of `gzip, deflate;q=0.1` (clair-service.md#content-negotiation)
export function chooseCoding(acceptEncoding: string | undefined): CodingChoice | undefined {
  if (acceptEncoding === undefined || acceptEncoding.trim() === '') {
    return { coding: undefined, identity: true };
  }
  const weights = new Map(
    readPreferences(acceptEncoding).map(({ name, q }) => [name.replace(/^x-/, ''), q] as const),
  );
  const others = weights.get('*');
  const weightOf = (name: string): number => weights.get(name) ?? others ?? 0;
  // Unless it is named, the content as it is always will do; it is no better than what was asked for.
  const identity = weights.get('identity') ?? (others === 0 ? 0 : undefined);
  const best = CODINGS.filter((name) => weightOf(name) > 0).sort((a, b) => weightOf(b) - weightOf(a))[0];
  if (best !== undefined && weightOf(best) >= (weights.get('identity') ?? 0)) {
    return { coding: best, identity: identity !== 0 };
  }
  if (identity !== 0) return { coding: undefined, identity: true };
  return best === undefined ? undefined : { coding: best, identity: false };
}
