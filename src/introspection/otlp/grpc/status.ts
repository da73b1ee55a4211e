/** How a call of gRPC ended. */

const NAMES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

// OTLP: "OTLP/gRPC Response", which of them a client tries again
const RETRIED = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'];

// gRPC: "HTTP to gRPC Status Code Mapping"
const OF_HTTP: Readonly<Record<number, string>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

// gRPC over HTTP2: "Errors", by RST_STREAM
const OF_RESET: Readonly<Record<number, string>> = {
  7: 'UNAVAILABLE',
  8: 'CANCELLED',
  11: 'RESOURCE_EXHAUSTED',
  12: 'PERMISSION_DENIED',
};

/** Of what a collector says about itself. */
const LONGEST = 200;

/** A call that did not end well: `status` is a name of gRPC's, e.g. `UNAVAILABLE`. */
export class CallFailed extends Error {
  readonly status: string;

  constructor(status: string, message: string) {
    super(message === '' ? status : `${status}: ${message}`);
    this.status = status;
  }
}

/** undefined: the call went well. */
export function failureOf(code: string, message: string): CallFailed | undefined {
  const name = NAMES[/^\d{1,2}$/.test(code) ? Number(code) : -1];
  if (name === 'OK') return undefined;
  return new CallFailed(name ?? `status ${code.slice(0, LONGEST)}`, decoded(message).slice(0, LONGEST));
}

/** The answer of something that does not speak gRPC, a proxy for one. */
export function failureOfHttp(status: number): CallFailed {
  return new CallFailed(OF_HTTP[status] ?? 'UNKNOWN', `HTTP status ${status}`);
}

/** The stream was ended by the other side. */
export function failureOfReset(code: number): CallFailed {
  return new CallFailed(OF_RESET[code] ?? 'INTERNAL', `the stream was reset (${code})`);
}

/** Whether it may go well the next time. */
export function isPassing(error: unknown): boolean {
  return error instanceof CallFailed && RETRIED.includes(error.status);
}

/** `grpc-message` is percent-encoded; one that is not correctly so is shown as it is. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
