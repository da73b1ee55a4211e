/** Tracing as the configuration asks for it; loaded only then. */
import { AppError } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { openExporter } from '../otlp/open-exporter.ts';
import { spansDocument } from '../otlp/spans.ts';
import type { OtlpConfig } from '../otlp/target.ts';
import type { Resource } from '../otlp/values.ts';
import { createSampler } from './sampler.ts';
import { createTracer, type SendSpans, type Tracer } from './tracer.ts';

/** `trace` of the configuration. */
export interface TraceConfig {
  readonly name: string;
  readonly probability?: number | null | undefined;
  readonly otlp?: OtlpConfig | null | undefined;
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
export async function startTracing(options: TracingOptions): Promise<Tracer> {
  const { config, resource, debug, log, print = toStdout } = options;
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
  const exporter = await openExporter(config.otlp ?? {}, 'traces');
  const tracer = createTracer({
    sample,
    log,
    send: (spans, signal) => exporter.send(spansDocument(spans, resource), signal),
  });
  return {
    ...tracer,
    async [Symbol.asyncDispose]() {
      await tracer[Symbol.asyncDispose]();
      await exporter[Symbol.asyncDispose]();
    },
  };
}

function toStdout(text: string): void {
  process.stdout.write(text);
}
