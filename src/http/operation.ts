/** One operation of the API, as its route says it: it reads parameters, types the handler, and becomes the OpenAPI document. */
import { z } from 'zod';
import { AppError, type ErrorCode } from '../errors.ts';
import { parseUuid } from '../lib/uuid.ts';
import { Digest } from '../model/api/index-report.ts';
import { parseDigest } from '../model/digest.ts';

/** Parameters by name. */
export type Parameters = Readonly<Record<string, z.ZodType>>;

type None = Readonly<Record<never, z.ZodType>>;

export interface Operation<Params extends Parameters = Parameters, Query extends Parameters = Parameters> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for parameters. One at the end is the last segment of whatever follows: see `lastSegment`. */
  readonly path: string;
  readonly tag: 'indexer' | 'matcher' | 'notifier' | 'harbor' | 'about';
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  /** Header fields of the request that matter, and what they are. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly schema: z.ZodType; readonly description?: string };
  /** What it answers when it has not failed, by status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /**
   * How it can fail, with words of its own; `true`: those of `ERRORS`. What every operation can meet (`database`, a bug,
   * no token, another method) and what every body can be (`too-large`, `unsupported-encoding`) go without saying.
   */
  readonly errors?: Readonly<Partial<Record<ErrorCode, string | true>>>;
}

/** An answer to a request that has not failed. */
export interface Answer {
  readonly description: string;
  /** One that the document has a name for; absent: there is no content. */
  readonly schema?: z.ZodType;
  /** The first is the default. Default: JSON. */
  readonly types?: readonly [string, ...string[]];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Types an operation. */
export function operation<Params extends Parameters = None, Query extends Parameters = None>(
  words: Operation<Params, Query>,
): Operation<Params, Query> {
  return words;
}

/** A parameter that `read` makes a value of; it throws `bad-request` for what it cannot use. `json`: for the document. */
export function parameter<T>(json: z.GlobalMeta, read: (value: unknown) => T): z.ZodType<T> {
  return z.unknown().meta(json).transform(read);
}

/** The same; absent or empty it is `otherwise`. */
export function optionalParameter<T>(
  json: z.GlobalMeta,
  otherwise: T,
  read: (value: unknown) => T,
): z.ZodType<T> {
  const isAbsent = (value: unknown): boolean => value === undefined || value === '';
  return z
    .unknown()
    .meta(json)
    .optional()
    .transform((value) => (isAbsent(value) ? otherwise : read(value)));
}

/** Reads a UUID in any of its forms. What is none is `bad-request`, in the words of `refusal`. */
export function readUuid(refusal: (value: unknown) => string): (value: unknown) => string {
  return (value) => {
    const uuid = typeof value === 'string' ? parseUuid(value) : undefined;
    if (uuid === undefined) throw new AppError('bad-request', refusal(value));
    return uuid;
  };
}

/** The digest of a manifest, in the path. */
export const DIGEST = Digest.transform(parseDigest).meta({ description: 'Digest of the manifest.' });

export const IF_NONE_MATCH = { 'If-None-Match': 'ETags that the client has, or `*`.' };

export const NOT_MODIFIED: Answer = { description: 'The state equals the ETag in If-None-Match.' };
