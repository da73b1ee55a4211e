/** Which requests are recorded (clair-service.md#tracing). */
import type { TraceContext } from '../../lib/trace-context.ts';

export interface SamplingOptions {
  /** The log says everything: so do the traces. */
  readonly debug: boolean;
  /** `trace.probability`. */
  readonly probability: number | undefined;
}

/** Whether the trace `traceId` is recorded; who called us has decided for both, if they say anything. */
export type Sampler = (traceId: string, parent: TraceContext | undefined) => boolean;

/** At log level debug all; else as the caller says; else by chance, the same for one trace in every service. */
export function createSampler({ debug, probability = 0 }: SamplingOptions): Sampler {
  if (debug) return () => true;
  return (traceId, parent) =>
    parent?.sampled ?? Number.parseInt(traceId.slice(-13), 16) < probability * 16 ** 13;
}
