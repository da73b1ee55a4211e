/** Tracing as the configuration asks for it; loaded only then. */
import { AppError } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { createOtlpPost, type OtlpConfig } from '../otlp/post.ts';
import { spansDocument } from '../otlp/spans.ts';
import type { Resource } from '../otlp/values.ts';
import { createSampler } from './sampler.ts';
import { createTracer, type SendSpans, type Tracer } from './tracer.ts';

/** `trace` of the configuration. */
export interface TraceConfig {
  readonly name: string;
  readonly probability?: number | null | undefined;
  readonly otlp?: { readonly http?: OtlpConfig | null | undefined } | null | undefined;
}

export interface TracingOptions {
  readonly config: TraceConfig;
  readonly resource: Resource;
  /** All is logged: all is traced. */
  readonly debug: boolean;
  readonly log: Log;
  /** Where `stdout` goes. */
  readonly print?: (text: string) => void;
}

/** Throws `bad-config`. */
export function startTracing({ config, resource, debug, log, print = toStdout }: TracingOptions): Tracer {
  const sample = createSampler({ debug, probability: config.probability ?? undefined });
  if (config.name === 'stdout') {
    const send: SendSpans = async (spans) => {
      for (const span of spans) print(`${JSON.stringify(spansDocument([span], resource))}\n`);
    };
    return createTracer({ sample, send, log });
  }
  if (config.name !== 'otlp') {
    throw new AppError('bad-config', `trace.name: ${JSON.stringify(config.name)} is not supported: use otlp`);
  }
  const post = createOtlpPost(config.otlp?.http ?? {}, '/v1/traces');
  const tracer = createTracer({
    sample,
    log,
    send: (spans, signal) => post.send(spansDocument(spans, resource), signal),
  });
  return {
    ...tracer,
    async [Symbol.asyncDispose]() {
      await tracer[Symbol.asyncDispose]();
      await post[Symbol.asyncDispose]();
    },
  };
}

function toStdout(text: string): void {
  process.stdout.write(text);
}
