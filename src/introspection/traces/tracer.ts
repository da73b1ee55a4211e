/** Begins the traces of requests, and sends what was recorded in batches, never holding anybody up. */
import { messageOf } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { randomId, type TraceContext } from '../../lib/trace-context.ts';
import type { Attributes, Span } from '../../lib/work-context.ts';
import type { Sampler } from './sampler.ts';
import { type FinishedSpan, startSpan } from './span.ts';

/** Sends spans; throws if it could not. */
export type SendSpans = (spans: readonly FinishedSpan[], signal: AbortSignal) => Promise<void>;

export interface Begun {
  /** What to hand on. */
  readonly trace: TraceContext;
  /** undefined: it is not recorded. */
  readonly span?: Span;
}

export interface Tracer extends AsyncDisposable {
  /** The work of a request that came with `parent`. */
  begin(name: string, parent: TraceContext | undefined, attributes: Attributes): Begun;
  /** Spans that were lost: too many at once, or nobody took them. */
  readonly dropped: () => number;
}

export interface TracerOptions {
  readonly sample: Sampler;
  readonly send: SendSpans;
  readonly log: Log;
  /** ms between two batches. */
  readonly interval?: number;
}

const QUEUE = 4096;
const BATCH = 512;
const INTERVAL = 5000;
/** What is left at the end has so long. */
const LAST = 5000;
/** A collector that is away is told of that often. */
const COMPLAIN_EVERY = 60_000;

export function createTracer({ sample, send, log, interval = INTERVAL }: TracerOptions): Tracer {
  const stop = new AbortController();
  let queue: FinishedSpan[] = [];
  let dropped = 0;
  let complained = Number.NEGATIVE_INFINITY;
  let sending: Promise<void> | undefined;

  const finish = (span: FinishedSpan): void => {
    if (queue.length >= QUEUE) dropped++;
    else queue.push(span);
    if (queue.length >= BATCH) void flush();
  };

  function flush(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  async function sendAll(): Promise<void> {
    while (queue.length > 0 && !stop.signal.aborted) {
      const batch = queue.slice(0, BATCH);
      queue = queue.slice(BATCH);
      try {
        await send(batch, stop.signal);
      } catch (error) {
        dropped += batch.length;
        if (performance.now() - complained > COMPLAIN_EVERY) {
          complained = performance.now();
          log.warn('traces could not be sent', { reason: messageOf(error), dropped });
        }
        return; // the rest waits for the next turn
      }
    }
  }

  const timer = setInterval(() => void flush(), interval).unref();
  return {
    begin(name, parent, attributes) {
      const traceId = parent?.traceId ?? randomId(16);
      if (!sample(traceId, parent)) {
        return { trace: parent ?? { traceId, spanId: randomId(8), sampled: false } };
      }
      const root = parent ?? { traceId, spanId: undefined };
      const span = startSpan(finish, name, 'server', root, attributes);
      return { trace: span.context, span };
    },
    dropped: () => dropped,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const late = setTimeout(() => stop.abort(new Error('the service has ended')), LAST);
      await sending;
      await flush();
      clearTimeout(late);
      stop.abort();
    },
  };
}
