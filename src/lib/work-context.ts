/**
 * Which request a piece of work is done for, wherever in the code: log lines and calls to other services name it, and
 * spans become children of its span. Without a request, or without tracing, all of this does nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf } from '../errors.ts';
import { type TraceContext, traceHeadersOf } from './trace-context.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work whose time is taken. */
export interface Span {
  readonly context: TraceContext;
  set(attributes: Attributes): void;
  /** Once; `error` says why it failed. */
  end(error?: string): void;
  /** A piece of this one. */
  child(name: string, kind: SpanKind, attributes?: Attributes): Span;
}

export type SpanKind = 'internal' | 'server' | 'client';

/** What is being done. */
export interface Work {
  /** The trace's id if there is one. */
  readonly requestId?: string;
  /** The trace that it belongs to, recorded or not: handed on to whom we call. */
  readonly trace?: TraceContext;
  /** undefined: nothing is recorded. */
  readonly span?: Span;
}

const storage = new AsyncLocalStorage<Work>();

/** Runs `task` as part of `work`. */
export function within<T>(work: Work, task: () => T): T {
  return storage.run(work, task);
}

/** Takes the time of `task` if the request is recorded. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  task: (span: Span | undefined) => Promise<T>,
  kind: SpanKind = 'internal',
): Promise<T> {
  const work = storage.getStore();
  if (work?.span === undefined) return await task(undefined);
  const span = work.span.child(name, kind, attributes);
  try {
    const result = await storage.run({ ...work, trace: span.context, span }, () => task(span));
    span.end();
    return result;
  } catch (error) {
    span.end(messageOf(error));
    throw error;
  }
}

/** Headers for a request to another service that tell it which trace this belongs to. */
export function traceHeaders(): Record<string, string> {
  const trace = storage.getStore()?.trace;
  return trace === undefined ? {} : traceHeadersOf(trace);
}

/** What a log line says of it. */
export function workFields(): Readonly<Record<string, string>> | undefined {
  const work = storage.getStore();
  if (work?.requestId === undefined) return undefined;
  const recorded = work.span?.context;
  return {
    request_id: work.requestId,
    ...(recorded && { TraceID: recorded.traceId, SpanID: recorded.spanId }),
  };
}
