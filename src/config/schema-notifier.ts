/** `notifier`: which notifications are made, and where they go. */
import { z } from 'zod';
import { clientTls, duration, HOUR, hostPort, optionalUrl, period, url } from './schema-values.ts';

const headers = z
  .record(z.string(), z.union([z.string().transform((value) => [value]), z.array(z.string())]))
  .describe('Headers to send along: a name, and a value or a list of them.');

const callback = optionalUrl('http', 'https')
  .default('')
  .describe(
    'Where a receiver gets the notifications: the URL of the notification API as it sees it; their id is appended.',
  );

const webhook = z.strictObject({
  target: url('http', 'https').describe('Where notifications are posted to.'),
  callback,
  headers: headers.nullish(),
  signed: z.boolean().optional().describe('Has no effect: requests are signed whenever there is a key.'),
});

const direct = {
  direct: z.boolean().default(false).describe('Send the notifications themselves rather than a callback.'),
  rollup: z
    .int()
    .min(0)
    .default(0)
    .describe('With `direct`: how many notifications go into one message; 0 and 1 are one.'),
};

const amqp = z.strictObject({
  uris: z
    .array(url('amqp', 'amqps'))
    .min(1, 'at least one URL of a broker')
    .describe('Brokers; the first that answers is used.'),
  routing_key: z.string().min(1, 'the routing key of the queue').describe('Routing key of the messages.'),
  exchange: z
    .strictObject({
      name: z.string().default('').describe('Must exist; the default exchange if empty.'),
      type: z
        .string()
        .min(1, "the exchange's type, e.g. direct")
        .describe('E.g. `direct`, `topic`, `fanout`.'),
      durability: z.boolean().default(false).describe('Whether the exchange is durable.'),
      auto_delete: z.boolean().default(false).describe('Whether the exchange is auto-deleted.'),
    })
    .describe('The exchange that messages are published to.'),
  callback,
  ...direct,
  tls: clientTls.nullish().describe('TLS of `amqps://`.'),
});

const stomp = z.strictObject({
  uris: z
    .array(hostPort)
    .min(1, 'at least one host:port of a broker')
    .describe('Brokers; the first that answers is used.'),
  destination: z.string().min(1, 'the name of the queue').describe('Destination of the messages.'),
  callback,
  ...direct,
  user: z
    .strictObject({ login: z.string(), passcode: z.string() })
    .nullish()
    .describe('Who logs in at the broker.'),
  tls: clientTls.nullish().describe('Connect by TLS.'),
});

export const notifierSchema = z.strictObject({
  connstring: z.string().default('').describe('The database, as a URL or `key=value` list.'),
  migrations: z.boolean().default(false).describe('Bring the database up to date at start.'),
  indexer_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the indexer. Needed in mode notifier.'),
  matcher_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the matcher. Needed in mode notifier.'),
  poll_interval: period(6 * HOUR).describe('How often to look for new vulnerabilities (default 6h).'),
  delivery_interval: period(HOUR).describe(
    'Longest time until what was not delivered is tried again (default 1h).',
  ),
  disable_summary: z
    .boolean()
    .default(false)
    .describe('One notification for each vulnerability of a manifest rather than for the most severe.'),
  delivery_attempts: z
    .int()
    .min(1)
    .default(100)
    .describe(
      'After so many failures a delivery is a dead letter. They come 10s, 20s, 40s and so on after one another, at most `delivery_interval`: by default 100 are four days.',
    ),
  baseline: z
    .enum(['skip', 'notify'])
    .default('skip')
    .describe(
      'What the first load of a feed means: where counting begins (`skip`), or a notification for everything in it (`notify`, as Clair does).',
    ),
  retention: duration
    .default(14 * 24 * HOUR)
    .describe('How long notifications that nobody deletes, and dead letters, are kept (default 336h).'),
  webhook: webhook.nullish().describe('Delivery by HTTP POST.'),
  amqp: amqp.nullish().describe('Delivery by AMQP 0-9-1.'),
  stomp: stomp.nullish().describe('Delivery by STOMP.'),
});
