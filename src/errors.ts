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
    help: 'The request is malformed. The message names the field.',
  },
  'bad-layer': {
    status: 400,
    wire: 'bad-request',
    help: 'A layer is not a tar archive, or uses an unsupported compression. Do not resubmit.',
  },
  'bad-layer-url': {
    status: 400,
    wire: 'bad-request',
    help: 'The URL or headers of a layer are invalid: not HTTP or HTTPS, or a blocked address (cloud metadata; with `indexer.airgap`, every public address). Do not resubmit.',
  },
  // Not 400: Quay marks a manifest that gets 400 as unsupported for ever, and presigned URLs expire.
  'layer-refused': {
    status: 422,
    wire: 'bad-request',
    help: 'The layer server returned 4xx (expired URL or token), or the content does not match the digest. Resubmit with a new URL and headers.',
  },
  'layer-unavailable': {
    status: 500,
    wire: 'internal-error',
    help: 'The layer could not be downloaded: timeout, server error or interrupted transfer. Resubmit.',
  },
  'layer-limit': {
    status: 400,
    wire: 'bad-request',
    help: 'A layer exceeds a limit of `indexer.layer_limits` (size, entries, compression ratio or time). The message names the key.',
  },
  'not-found': {
    status: 404,
    wire: 'not-found',
    help: 'The report, manifest or notification does not exist.',
  },
  forbidden: {
    status: 403,
    wire: 'forbidden',
    help: 'The caller has not the right that this needs (`view`, `triage` or `operate`): see `auth.proxy.roles`.',
  },
  'method-not-allowed': {
    status: 405,
    wire: 'method-not-allowed',
    help: 'The path does not support this method. See `Allow`.',
  },
  'too-large': { status: 413, wire: 'bad-request', help: 'The request body exceeds the limit.' },
  'unsupported-encoding': {
    status: 415,
    wire: 'bad-request',
    help: 'The `Content-Encoding` is not supported. See `Accept-Encoding` in the response.',
  },
  'invalid-field': {
    status: 422,
    wire: 'bad-request',
    help: 'A field of a scan request is missing or has no usable value. The message names it.',
  },
  'not-supported': {
    status: 501,
    wire: 'bad-request',
    help: "The scanner cannot scan this type of artifact, or cannot produce this type of report (Harbor's API).",
  },
  'not-acceptable': {
    status: 415,
    wire: 'internal-error', // clair-quirk: 415 carries the word "internal-error"
    help: 'None of the media types in `Accept` is available.',
  },
  'precondition-failed': {
    status: 412,
    wire: 'internal-error',
    help: 'The stored report is current. No action is needed.',
  },
  'too-many-requests': {
    status: 429,
    wire: 'too-many-requests',
    help: 'All slots are in use. Retry after `Retry-After`, or submit with `Prefer: respond-async`.',
  },
  timeout: {
    status: 503,
    wire: 'internal-error',
    help: 'Indexing exceeded `indexer.index_report_timeout`. Finished layers are kept: resubmit, or use `Prefer: respond-async`.',
  },
  'not-ready': {
    status: 503,
    wire: 'internal-error',
    help: 'The database is not reachable. Retry. Operators: see `/readyz`.',
  },
  'internal-error': {
    status: 500,
    wire: 'internal-error',
    help: 'Unexpected error. Search the log for the request ID.',
    told: 'internal server error',
  },
  'bad-config': {
    status: 500,
    told: 'the service configuration is not valid: see its log',
    wire: 'internal-error',
    help: 'The configuration is not valid. The message names file, line and key.',
  },
  'bad-target': {
    status: 400,
    wire: 'bad-request',
    help: 'The scan target does not exist, or its type is not supported.',
  },
  // Not 500: it passes, and Retry-After says so.
  database: {
    status: 503,
    wire: 'internal-error',
    help: 'PostgreSQL could not be reached, started or migrated, is out of resources, or does not respond (detected within 10 s). The log names the server and the reason. Retry after `Retry-After`.',
    told: 'the service database is unavailable: see its log',
  },
  // As `database`: it passes.
  documents: {
    status: 503,
    wire: 'internal-error',
    help: 'The object store of `store.documents` could not be reached, refused the request, or is not configured although documents are in it. The log names the bucket and the reason. Retry after `Retry-After`.',
    told: 'the document store of the service is unavailable: see its log',
  },
  'document-missing': {
    status: 500,
    wire: 'internal-error',
    help: 'The object store does not have a document that the database refers to, or has another one. The log names the object. Restore it, or submit the manifest again.',
    told: 'the stored index report is missing from the document store: submit the manifest again',
  },
  service: {
    status: 502,
    wire: 'internal-error',
    help: 'Another Clair component is unreachable or rejected the request. Check its address and log, and that all components use the same key. The log names it.',
    told: 'another Clair component is unreachable or rejected the request: see the log',
  },
  // Not 502: the component, or a load balancer before it, says itself that it passes.
  'service-unavailable': {
    status: 503,
    wire: 'internal-error',
    help: 'Another Clair component, or the load balancer in front of it, returned 503. The log names it. Retry after `Retry-After`.',
    told: 'another Clair component is temporarily unavailable: see the log',
  },
  // Apart from `service`: to ask the same again does not help.
  'service-answer': {
    status: 502,
    wire: 'internal-error',
    help: 'Another Clair component answered with what cannot be read, or failed with this request. Check that its release is supported. The log names it.',
    told: 'another Clair component answered with what cannot be read: see the log',
  },
  feed: {
    status: 500,
    wire: 'internal-error',
    help: 'A feed could not be fetched or parsed. The previous data stays in use.',
    told: 'a feed could not be fetched or parsed: see the log',
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

/** Whether the database or the document store failed: a later attempt may succeed, and nothing is said of the image. */
export function isOutage(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'database' || error.code === 'documents');
}

/** What a caller may read of anything thrown, in an answer or in what is stored for it. */
export function toldOf(error: unknown): string {
  const known = error instanceof AppError ? ERRORS[error.code] : ERRORS['internal-error'];
  return 'told' in known ? known.told : messageOf(error);
}

/** Returns the message of anything thrown, for a problem record or a log field; system errors without their codes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return systemReason(error) ?? error.message;
}

/** Texts by code; `…` stands for the host or address. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'file or directory not found',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'exists already',
  ENOSPC: 'no space left on the device',
  EROFS: 'read-only file system',
  EMFILE: 'too many open files',
  ELOOP: 'too many levels of symbolic links',
  ENOTFOUND: 'host … not found',
  EAI_AGAIN: 'host … could not be resolved, DNS did not respond',
  ECONNREFUSED: 'connection refused by …',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'connection closed by the other side',
  ETIMEDOUT: 'connection to … timed out',
  EHOSTUNREACH: 'host … is unreachable',
  ENETUNREACH: 'network of … is unreachable',
  EADDRINUSE: 'address … is in use',
  EADDRNOTAVAIL: 'address … is not available on this machine',
};

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

/** Returns the reason of a system error, with its path, host or address; undefined for any other error and unknown codes. */
function systemReason(error: Error): string | undefined {
  if (!isSystemError(error)) return undefined;
  const { path, hostname, address, port } = error;
  const place =
    hostname ?? (address === undefined ? path : port === undefined ? address : `${address}:${port}`);
  const reason = REASONS[error.code];
  if (reason === undefined) return undefined;
  if (reason.includes('…')) return reason.replace('…', place ?? 'the server');
  return path === undefined ? reason : `${reason} (${path})`;
}

function isSystemError(error: Error): error is SystemError {
  return 'code' in error && 'syscall' in error && typeof error.code === 'string';
}
