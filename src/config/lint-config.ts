/** What a configuration says that will work, but probably not as meant. */

import type { Secret } from '../lib/secret.ts';
import { HOUR } from '../lib/setting-values.ts';
import { configuredTransports, transportNames } from '../transports/sections.ts';
import { hasDelivery } from './check-mode.ts';
import type { Mode } from './clair-flags.ts';
import type { Config } from './schema.ts';

export interface Lint {
  /** Path of the key. */
  readonly key: string;
  readonly advice: string;
}

/** What an operator should know of `config` at start (clair-service.md#configuration-checks). */
export function lintConfig(config: Config, mode: Mode, env: NodeJS.ProcessEnv): Lint[] {
  const runs = (service: Mode): boolean => mode === 'combo' || mode === service;
  return [
    ...common(config),
    ...(runs('indexer') ? indexer(config, env) : []),
    ...(runs('matcher') ? matcher(config, env) : []),
    ...(runs('notifier') ? notifier(config, mode, env) : []),
    ...telemetry(config),
  ];
}

function* common({ introspection_addr, tls, auth }: Config): Generator<Lint> {
  if (introspection_addr === '') {
    yield { key: 'introspection_addr', advice: 'is empty: health checks and metrics are disabled' };
  }
  if (tls?.root_ca) yield { key: 'tls.root_ca', advice: 'is deprecated and has no effect: remove it' };
  if (auth?.keyserver && auth.psk) {
    yield {
      key: 'auth.psk',
      advice: 'is not used, because auth.keyserver takes precedence: remove one of them',
    };
  }
}

function* indexer({ indexer }: Config, env: NodeJS.ProcessEnv): Generator<Lint> {
  yield* connstring('indexer', indexer.connstring, env);
  const { layer_scan_concurrency: layers = 0, scanlock_retry: retry } = indexer;
  if (retry !== undefined) yield { key: 'indexer.scanlock_retry', advice: 'has no effect: remove it' };
  if (layers > 32) {
    yield {
      key: 'indexer.layer_scan_concurrency',
      advice: `is ${layers}, more than the number of CPUs: that costs memory without a gain`,
    };
  }
  const time = indexer.layer_limits?.time;
  if (time !== undefined && time > indexer.index_report_timeout) {
    yield {
      key: 'indexer.layer_limits.time',
      advice: 'exceeds indexer.index_report_timeout, which ends indexing earlier',
    };
  }
}

function* matcher({ matcher, updaters }: Config, env: NodeJS.ProcessEnv): Generator<Lint> {
  yield* connstring('matcher', matcher.connstring, env);
  if (matcher.max_conn_pool !== undefined) {
    yield { key: 'matcher.max_conn_pool', advice: 'has no effect: set pool_max_conns in matcher.connstring' };
  }
  if (matcher.period < 6 * HOUR) {
    yield { key: 'matcher.period', advice: 'is below 6h: feeds rarely change that often' };
  }
  if (matcher.cache_age != null && matcher.cache_age < matcher.period / 2) {
    yield {
      key: 'matcher.cache_age',
      advice: 'is below half of matcher.period: clients request reports more often than feeds change',
    };
  }
  if (matcher.update_retention === 0) {
    yield { key: 'matcher.update_retention', advice: 'is negative: old update operations are never deleted' };
  }
  if (updaters.sets?.length === 0 && !matcher.disable_updaters) {
    yield { key: 'updaters.sets', advice: 'is empty: no feed is ever loaded' };
  }
}

function* notifier(config: Config, mode: Mode, env: NodeJS.ProcessEnv): Generator<Lint> {
  const { notifier, auth } = config;
  if (notifier == null || !hasDelivery(config)) {
    if (mode === 'combo' && notifier != null) {
      yield {
        key: 'notifier',
        advice: `has no delivery target (${transportNames()}): no notifications are sent`,
      };
    }
    return;
  }
  yield* connstring('notifier', notifier.connstring, env);
  if (notifier.poll_interval < 6 * HOUR) {
    yield { key: 'notifier.poll_interval', advice: 'is below 6h, the default period of feeds' };
  }
  if (notifier.delivery_interval < HOUR) {
    yield {
      key: 'notifier.delivery_interval',
      advice: 'is below 1h: failed deliveries are retried at this interval',
    };
  }
  if (notifier.disable_summary) {
    yield {
      key: 'notifier.disable_summary',
      advice: 'is true: Clair sends one notification for every vulnerability of every manifest',
    };
  }
  const signs = Boolean(auth?.psk || auth?.keyserver);
  for (const { kind, settings } of configuredTransports(notifier)) {
    for (const [key, advice] of kind.lint?.(settings, { signs }) ?? []) {
      yield { key: `notifier.${kind.name}.${key}`, advice };
    }
  }
}

function hasTarget(section: Config['trace'] | Config['metrics']): boolean {
  return Boolean(section?.otlp?.grpc || section?.otlp?.http);
}

function* telemetry({ trace, metrics, introspection_addr }: Config): Generator<Lint> {
  if (trace?.name === 'jaeger') {
    yield { key: 'trace.name', advice: 'jaeger is not supported: use otlp, which Jaeger accepts' };
  } else if (trace != null && !['', 'otlp', 'stdout'].includes(trace.name)) {
    yield {
      key: 'trace.name',
      advice: `${JSON.stringify(trace.name)} is not supported: tracing is disabled`,
    };
  }
  if (metrics != null && !['', 'prometheus', 'otlp', 'stdout'].includes(metrics.name)) {
    yield {
      key: 'metrics.name',
      advice: `${JSON.stringify(metrics.name)} is not supported: metrics are disabled`,
    };
  }
  if (metrics?.name === 'otlp' && !hasTarget(metrics) && hasTarget(trace)) {
    yield {
      key: 'metrics.otlp',
      advice: 'is missing: metrics are sent to the trace.otlp endpoint, as in Clair',
    };
  }
  if (metrics?.prometheus?.endpoint != null && introspection_addr === '') {
    yield { key: 'metrics.prometheus.endpoint', advice: 'has no effect without introspection_addr' };
  }
  for (const [section, { otlp } = {}] of [
    ['trace', trace ?? undefined],
    ['metrics', metrics ?? undefined],
  ] as const) {
    if (otlp?.grpc && otlp.http) {
      yield { key: `${section}.otlp.http`, advice: 'is not used: grpc takes precedence' };
    }
    if (otlp?.grpc?.service_config) {
      yield { key: `${section}.otlp.grpc.service_config`, advice: 'has no effect' };
    }
    for (const by of ['http', 'grpc'] as const) {
      if (otlp?.[by]?.timeout === 0) {
        yield { key: `${section}.otlp.${by}.timeout`, advice: 'is 0: the default of 10s is used' };
      }
    }
    if (otlp?.http?.url_path?.endsWith('/')) {
      yield { key: `${section}.otlp.http.url_path`, advice: 'ends in a slash: few collectors accept that' };
    }
  }
}

const LIBPQ = ['PGHOST', 'PGDATABASE', 'PGUSER', 'PGPORT', 'PGSERVICE'];

function* connstring(service: string, secret: Secret, env: NodeJS.ProcessEnv): Generator<Lint> {
  const text = secret.reveal();
  const key = `${service}.connstring`;
  if (text === '' && !LIBPQ.some((name) => env[name])) {
    yield { key, advice: 'is empty, and no PG* variable is set: the local defaults of PostgreSQL are used' };
  }
  if (text !== '' && !/^postgres(ql)?:\/\//.test(text) && !text.includes('=')) {
    yield { key, advice: 'is neither a postgresql:// URL nor a key=value list' };
  }
}
