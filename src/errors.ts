/**
 * Every failure that a client or an operator is told about, as one closed union of codes.
 * Anything thrown that is not an `AppError` is a bug: logged once, answered with `internal-error`.
 */

/**
 * code -> what HTTP says, the word in Clair's error body, and what to tell an operator. `told`: what a caller is told in
 * place of the message, which is for the log: it may name hosts, databases, users and files that are not for callers.
 */
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
  'bad-layer-url': {
    status: 400,
    wire: 'bad-request',
    help: 'The URL or the headers of a layer can never work: no URL, not http or https, or an address that may not be asked (cloud metadata; with `indexer.airgap` all that is public).',
  },
  // Not 400: Quay marks a manifest that gets 400 as unsupported for ever, and presigned URLs expire.
  'layer-refused': {
    status: 422,
    wire: 'bad-request',
    help: 'The server of a layer refuses it (4xx: a presigned URL that expired, a token that lacks), or has other bytes than the digest in the manifest. Submit again with a fresh URL and headers.',
  },
  'layer-unavailable': {
    status: 500,
    wire: 'internal-error',
    help: 'A layer could not be fetched: its server does not answer, fails, or breaks off. Submit again.',
  },
  'layer-limit': {
    status: 400,
    wire: 'bad-request',
    help: 'A layer is over a limit (size, entries, compression ratio or time).',
  },
  'not-found': { status: 404, wire: 'not-found', help: 'There is no such report, manifest or notification.' },
  'method-not-allowed': {
    status: 405,
    wire: 'method-not-allowed',
    help: 'The path exists, the method does not.',
  },
  'too-large': { status: 413, wire: 'bad-request', help: 'The body of the request is over the limit.' },
  'unsupported-encoding': {
    status: 415,
    wire: 'bad-request',
    help: 'The Content-Encoding of the request is none of those in Accept-Encoding of the answer.',
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
  timeout: {
    status: 503,
    wire: 'internal-error',
    help: 'Indexing took longer than `indexer.index_report_timeout`. The layers that are done are kept: submit again, or with `Prefer: respond-async`.',
  },
  'not-ready': { status: 503, wire: 'internal-error', help: 'The database does not answer.' },
  'internal-error': {
    status: 500,
    wire: 'internal-error',
    help: 'A bug or a broken dependency; see the log.',
    told: 'internal server error',
  },
  'bad-config': {
    status: 500,
    told: 'the configuration of the service is wrong: see its log',
    wire: 'internal-error',
    help: 'The configuration is wrong; the message names the key.',
  },
  'bad-target': {
    status: 400,
    wire: 'bad-request',
    help: 'The image to scan is not there or not of a known kind.',
  },
  // Not 500: it passes, and Retry-After says so.
  database: {
    status: 503,
    wire: 'internal-error',
    help: 'PostgreSQL could not be reached, started or migrated, is out of resources, or does not answer (noticed within 10 s): the log says which, and why. Submit again after the time in Retry-After.',
    told: 'the database of the service cannot be used: see its log',
  },
  service: {
    status: 502,
    wire: 'internal-error',
    help: 'Another service of this Clair (indexer, matcher) does not answer, or refuses: check its address, its log, and that all have the same key. The log names it.',
    told: 'another service of this Clair does not answer as it should: see the log',
  },
  feed: {
    status: 500,
    wire: 'internal-error',
    help: 'A feed could not be fetched or read; the last good data stays.',
    told: 'a feed could not be used: see the log',
  },
} as const satisfies Record<string, { status: number; wire: string; help: string; told?: string }>;

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

/** What a caller may read of anything thrown, in an answer or in what is stored for it. */
export function toldOf(error: unknown): string {
  const known = error instanceof AppError ? ERRORS[error.code] : ERRORS['internal-error'];
  return 'told' in known ? known.told : messageOf(error);
}

/** The message of anything thrown, for a problem record or a log field. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
