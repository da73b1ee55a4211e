/** Spans that are recorded, and what is kept of one that has ended. */
import { randomId, type TraceContext } from '../../lib/trace-context.ts';
import type { Attributes, Span, SpanKind } from '../../lib/work-context.ts';

export interface FinishedSpan {
  readonly context: TraceContext;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** ms since the epoch, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** A span that begins now; `finish` gets it when it has ended. */
export function startSpan(
  finish: (span: FinishedSpan) => void,
  name: string,
  kind: SpanKind,
  parent: Pick<TraceContext, 'traceId' | 'state'> & { readonly spanId: string | undefined },
  attributes: Attributes = {},
): Span {
  const { traceId, state } = parent;
  const context = { traceId, spanId: randomId(8), sampled: true, ...(state !== undefined && { state }) };
  const start = now();
  const said: Record<string, string | number | boolean> = { ...attributes };
  let ended = false;
  return {
    context,
    set: (more) => void Object.assign(said, more),
    end(error) {
      if (ended) return;
      ended = true;
      finish({ context, parentId: parent.spanId, name, kind, start, end: now(), attributes: said, error });
    },
    child: (inner, innerKind, more) => startSpan(finish, inner, innerKind, context, more),
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
