/**
 * Every failure that a client or an operator is told about, as one closed union of codes.
 * Anything thrown that is not an `AppError` is a bug: logged once, answered with `internal-error`.
 */

/** code -> what HTTP says, the word in Clair's error body, and what to tell an operator. */
export const ERRORS = {
  'bad-request': {
    status: 400,
    wire: 'bad-request',
    help: 'The request is malformed; the message says where.',
  },
  'bad-layer': {
    status: 400,
    wire: 'bad-request',
    help: 'A layer of the manifest is not a tar archive (or not one of the accepted compressions).',
  },
  'layer-unavailable': {
    status: 500,
    wire: 'internal-error',
    help: 'A layer could not be fetched, or its bytes do not have the digest of the manifest. Check its URI and headers, then submit again.',
  },
  'layer-limit': {
    status: 400,
    wire: 'bad-request',
    help: 'A layer is over a limit (size, entries, compression ratio or time); the limits are configurable.',
  },
  'not-found': { status: 404, wire: 'not-found', help: 'There is no such report, manifest or notification.' },
  'method-not-allowed': {
    status: 405,
    wire: 'method-not-allowed',
    help: 'The path exists, the method does not.',
  },
  'not-acceptable': {
    status: 415,
    wire: 'internal-error', // clair-quirk: 415 carries the word "internal-error"
    help: 'None of the media types in Accept can be produced.',
  },
  'precondition-failed': { status: 412, wire: 'internal-error', help: 'The report is current already.' },
  'too-many-requests': {
    status: 429,
    wire: 'too-many-requests',
    help: 'Retry after the time in Retry-After.',
  },
  'not-ready': { status: 503, wire: 'internal-error', help: 'The database does not answer.' },
  'internal-error': {
    status: 500,
    wire: 'internal-error',
    help: 'A bug or a broken dependency; see the log.',
  },
  'bad-config': {
    status: 500,
    wire: 'internal-error',
    help: 'The configuration is wrong; the message names the key.',
  },
  'bad-target': {
    status: 400,
    wire: 'bad-request',
    help: 'The image to scan is not there or not of a known kind.',
  },
  database: {
    status: 500,
    wire: 'internal-error',
    help: 'PostgreSQL could not be reached, started or migrated.',
  },
  service: {
    status: 502,
    wire: 'internal-error',
    help: 'Another service of this Clair (indexer, matcher) does not answer, or refuses: check its address, its log, and that all have the same key.',
  },
  feed: {
    status: 500,
    wire: 'internal-error',
    help: 'A feed could not be fetched or read; the last good data stays.',
  },
} as const satisfies Record<string, { status: number; wire: string; help: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A failure to be told as it stands: the message names the thing and what to do about it. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** The message of anything thrown, for a problem record or a log field. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
