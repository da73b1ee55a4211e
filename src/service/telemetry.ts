/** What tells how the service is: metrics, traces, and the listener for health, readiness and profiles. */
import type { IncomingMessage } from 'node:http';
import type { Mode } from '../config/clair-flags.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import type { Authenticate } from '../http/auth/authenticate.ts';
import { createListener, type Handler } from '../introspection/listener.ts';
import type { MeasuredDatabase } from '../introspection/metrics/measured-database.ts';
import { tellVersion } from '../introspection/metrics/process-metrics.ts';
import { createMetrics, type Metrics } from '../introspection/metrics/registry.ts';
import { tellKeyserver } from '../introspection/metrics/tell-keyserver.ts';
import { profileHandlers } from '../introspection/profiles/profile-handlers.ts';
import { createReadiness } from '../introspection/readiness.ts';
import type { Tracer } from '../introspection/traces/tracer.ts';
import type { Log } from '../lib/log.ts';
import { COMMIT, VERSION } from '../lib/version.ts';
import { closeNow, listen } from './listen.ts';

export interface TelemetryOptions {
  readonly config: Config;
  readonly mode: Mode;
  readonly log: Log;
  /** By `-memprofile`. */
  readonly heapIsTaken: boolean;
  /** undefined: the API is open to everybody. */
  readonly authenticate: Authenticate | undefined;
  /** undefined while the service is not up, or not any more. */
  readonly databases: () => readonly MeasuredDatabase[] | undefined;
}

export interface Telemetry extends AsyncDisposable {
  readonly metrics: Metrics;
  /** undefined: nothing is recorded. */
  readonly tracer: Tracer | undefined;
}

/** Starts all of it. Throws `bad-config` for what cannot be had, unless `introspection_required` is false. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { config, mode, log } = options;
  await using resources = new AsyncDisposableStack();
  const metrics = createMetrics();
  tellVersion(metrics, { version: VERSION, revision: COMMIT, mode });
  const keyserver = options.authenticate?.keyserver;
  if (keyserver !== undefined) tellKeyserver(keyserver, metrics);
  const resource = { service: `clairv4/${mode}`, version: VERSION };

  const { trace, metrics: settings } = config;
  let tracer: Tracer | undefined;
  if (trace?.name === 'otlp' || trace?.name === 'stdout') {
    const { startTracing } = await import('../introspection/traces/start-tracing.ts');
    const debug = config.log_level.startsWith('debug');
    tracer = resources.use(await startTracing({ config: trace, resource, debug, log }));
    const { dropped } = tracer;
    metrics.onScrape(() =>
      metrics.countTo('clair_trace_spans_dropped_total', 'Spans that were lost', dropped()),
    );
  }
  if (settings?.name === 'otlp' || settings?.name === 'stdout') {
    const { pushMetrics } = await import('../introspection/metrics/push-metrics.ts');
    // clair-quirk: without their own endpoint, metrics are sent to that of the traces
    const places = [settings.otlp, trace?.otlp];
    const otlp =
      settings.name === 'otlp' ? (places.find((each) => each?.grpc || each?.http) ?? {}) : undefined;
    resources.use(await pushMetrics({ metrics, resource, otlp, log }));
  }

  if (config.introspection_addr !== '') await startListener(options, metrics, resources);
  const owned = resources.move();
  return { metrics, tracer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const KEYSERVER_GONE = 'the key server does not answer: callers whose keys are not in memory are refused';

async function startListener(
  { config, log, authenticate, databases, heapIsTaken }: TelemetryOptions,
  metrics: Metrics,
  resources: AsyncDisposableStack,
): Promise<void> {
  const isFetched = ['', 'prometheus'].includes(config.metrics?.name ?? '');
  const scrape: Handler = async (_request, response) => {
    const body = await metrics.text();
    response.setHeader('content-type', metrics.contentType);
    response.end(body);
  };
  const withToken =
    authenticate && (({ headers }: IncomingMessage) => authenticate({ headers, protocol: 'http' }));
  const server = createListener({
    isReady: createReadiness(() =>
      databases()?.map((db) => ({
        ping: () => db.query({ name: 'ping', text: 'select 1' }),
        lastAnswer: db.lastAnswer,
      })),
    ),
    notes: () => (authenticate?.keyserver?.().reachable === false ? [KEYSERVER_GONE] : []),
    handlers: {
      ...(isFetched && { [config.metrics?.prometheus?.endpoint ?? '/metrics']: scrape }),
      ...profileHandlers({ heapIsTaken, authenticate: withToken }),
    },
    authenticate: config.introspection_auth ? withToken : undefined,
    log,
  });
  try {
    await listen(server, config.introspection_addr);
  } catch (error) {
    if (config.introspection_required) throw error;
    log.warn('health checks and metrics are disabled', { reason: messageOf(error) });
    return;
  }
  resources.defer(() => closeNow(server));
}
