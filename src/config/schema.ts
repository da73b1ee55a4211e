/** The configuration file: one schema gives the types, the defaults and the checks (names as Clair's, service.md §2.3). */
import { z } from 'zod';
import { parseDuration } from './duration.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    context.addIssue({
      code: 'custom',
      message: `not a duration: ${JSON.stringify(text)} (want e.g. 6h, 90s)`,
    });
    return z.NEVER;
  }
  return milliseconds;
});

/** A period below a minute counts as not given. */
const period = (fallback: number) =>
  duration
    .optional()
    .transform((milliseconds) =>
      milliseconds === undefined || milliseconds < MINUTE ? fallback : milliseconds,
    );

const hostPort = z.string().regex(/^.*:\d+$|^.*:[a-z]+$/, 'want host:port');
const anything = z.record(z.string(), z.unknown());
const path = z.string().min(1);

const tls = z.strictObject({ cert: path.optional(), key: path.optional(), root_ca: path.optional() });

const indexer = z.strictObject({
  connstring: z.string().default(''),
  scanlock_retry: z.number().int().optional(),
  layer_scan_concurrency: z.number().int().min(0).optional(),
  index_report_request_concurrency: z.number().int().optional(),
  migrations: z.boolean().default(false),
  airgap: z.boolean().default(false),
  scanner: z
    .strictObject({ package: anything.optional(), dist: anything.optional(), repo: anything.optional() })
    .optional(),
});

const matcher = z.strictObject({
  connstring: z.string().default(''),
  indexer_addr: z.string().default(''),
  period: period(6 * HOUR),
  update_retention: z
    .number()
    .int()
    .default(10)
    .transform((keep) => (keep < 0 ? 0 : keep < 2 ? 10 : keep)),
  cache_age: duration.optional(),
  migrations: z.boolean().default(false),
  disable_updaters: z.boolean().default(false),
  disable_enrichment: z.boolean().default(false),
  max_conn_pool: z.number().optional(),
});

const notifier = z.looseObject({
  connstring: z.string().default(''),
  migrations: z.boolean().default(false),
});

const updaters = z.strictObject({
  sets: z.array(z.string()).nullish(),
  config: anything.default({}),
  filter: z.string().optional(),
});

export const configSchema = z.strictObject({
  http_listen_addr: hostPort.default(':6060'),
  introspection_addr: hostPort.default(':8089'),
  log_level: z.enum(['debug-color', 'debug', 'info', 'warn', 'error', 'fatal', 'panic']).default('info'),
  tls: tls.optional(),
  indexer: indexer.prefault({}),
  matcher: matcher.prefault({}),
  matchers: z.strictObject({ names: z.array(z.string()).nullish(), config: anything.optional() }).optional(),
  updaters: updaters.prefault({}),
  notifier: notifier.optional(),
  auth: anything.optional(),
  trace: anything.optional(),
  metrics: anything.optional(),
});

export type Config = z.output<typeof configSchema>;
