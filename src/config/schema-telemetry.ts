/** `trace` and `metrics`: where traces and metrics go. */
import { z } from 'zod';
import { anything, bothOrNeither, duration, keyPair, secretHeaders } from '../lib/setting-values.ts';

/** Clair takes the numbers of an enumeration; the words of the specification are taken as well. */
const compression = z
  .union([z.literal(0), z.literal(1), z.literal(2), z.literal('none'), z.literal('gzip')], {
    message: 'gzip or none (or 2 or 1, as Clair writes them)',
  })
  .transform((value) => (value === 2 || value === 'gzip' ? ('gzip' as const) : ('none' as const)));

const transport = {
  endpoint: z.string().optional().describe('host:port of the collector.'),
  headers: secretHeaders.nullish().describe('Headers to add to each request.'),
  insecure: z.boolean().default(false).describe('Without TLS.'),
  timeout: duration.nullish().describe('Timeout of one export.'),
  client_tls: z.strictObject(keyPair).superRefine(bothOrNeither).nullish().describe('Client certificate.'),
  compression: compression.optional().describe('`gzip` or `none`.'),
};

const otlp = z
  .strictObject({
    http: z
      .strictObject({
        ...transport,
        url_path: z
          .string()
          .startsWith('/', 'a path that begins with a slash')
          .optional()
          .describe('Path at the collector.'),
      })
      .nullish()
      .describe('OTLP over HTTP.'),
    grpc: z
      .strictObject({
        ...transport,
        reconnect: duration.nullish().describe('Shortest time between two attempts to connect.'),
        service_config: z.string().optional().describe('gRPC service configuration, as JSON; has no effect.'),
      })
      .nullish()
      .describe('OTLP over gRPC; takes precedence over `http`.'),
  })
  .describe('The OTLP exporter.');

export const traceSchema = z.strictObject({
  name: z.string().default('').describe('Exporter: `otlp`, `stdout`, or empty for none.'),
  probability: z.number().min(0).max(1).nullish().describe('Share of requests that are traced, 0 to 1.'),
  jaeger: anything.nullish().describe('Not supported: use `otlp`, which Jaeger accepts.'),
  otlp: otlp.nullish(),
  sentry: anything.nullish().describe('Not supported; accepted as in Clair.'),
});

export const metricsSchema = z.strictObject({
  name: z.string().default('').describe('`prometheus` (the same as empty), `otlp`, or `stdout`.'),
  prometheus: z
    .strictObject({
      endpoint: z
        .string()
        .startsWith('/', 'a path that begins with a slash')
        .nullish()
        .describe('Path at `introspection_addr` (default `/metrics`).'),
    })
    .nullish(),
  otlp: otlp.nullish(),
});
