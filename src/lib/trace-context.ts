/** W3C Trace Context: which trace a request belongs to, as the headers `traceparent` and `tracestate` say it. */
import { randomBytes } from 'node:crypto';

export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Whether it is recorded. */
  readonly sampled: boolean;
  /** What other vendors say of it: handed on as it is. */
  readonly state?: string;
}

// W3C Trace Context §3.2: version, trace id, parent id, flags; later versions may add fields
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
// W3C Trace Context §3.3.1.5: at least 512 characters are to be handed on
const STATE_LIMIT = 512;

/** undefined: there is none, or none that can be read. */
export function parseTraceContext(
  traceparent: string | undefined,
  tracestate?: string | undefined,
): TraceContext | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(traceparent?.trim() ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  const state = tracestate?.trim();
  const isKept = state !== undefined && state !== '' && state.length <= STATE_LIMIT && /^[ -~]*$/.test(state);
  return { traceId, spanId, sampled, ...(isKept && { state }) };
}

/** The headers that say `context`. */
export function traceHeadersOf({ traceId, spanId, sampled, state }: TraceContext): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`,
    ...(state !== undefined && { tracestate: state }),
  };
}

/** A new id of so many bytes, in hex; never all zeros. */
export function randomId(bytes: 8 | 16): string {
  const id = randomBytes(bytes).toString('hex');
  return /^0*$/.test(id) ? randomId(bytes) : id;
}
