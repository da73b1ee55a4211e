/** One of the services in this process. */
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/schema.ts';
import type { MeasuredDatabase } from '../introspection/metrics/measured-database.ts';
import type { Metrics } from '../introspection/metrics/registry.ts';
import type { Tracer } from '../introspection/traces/tracer.ts';
import type { Log } from '../lib/log.ts';

export interface PartContext {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  /** undefined: nothing is recorded. */
  readonly tracer: Tracer | undefined;
  readonly now: () => Date;
  /** Aborted to stop the service. */
  readonly signal: AbortSignal;
  /** Signs requests to other services; undefined: they go unsigned. */
  readonly sign: ((issuer: string) => Promise<string>) | undefined;
}

export interface Part extends AsyncDisposable {
  readonly db: MeasuredDatabase;
  /** Adds its routes; `cutOff` is aborted when requests may not go on any longer. */
  mount(app: FastifyInstance, cutOff: AbortSignal): void;
  /** Whether it authenticates the requests to this URL itself. */
  readonly isOpen?: (url: string) => boolean;
  /** What it does besides answering; ends when the service stops, and never throws. */
  run(): Promise<void>;
}
