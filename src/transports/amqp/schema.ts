/** `notifier.amqp`: the brokers, and where the messages go there. */
import { z } from 'zod';
import { clientTls, secretUrl } from '../../lib/setting-values.ts';
import { callback, direct } from '../settings.ts';

export const amqpSchema = z
  .strictObject({
    uris: z
      .array(secretUrl('amqp', 'amqps'))
      .min(1, 'at least one URL of a broker')
      .describe('Brokers; the first that answers is used.'),
    routing_key: z.string().min(1, 'the routing key of the queue').describe('Routing key of the messages.'),
    // `type`, `durability` and `auto_delete` are the broker's business: the exchange is there already.
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
  })
  .describe('Delivery by AMQP 0-9-1.');

export type AmqpSettings = z.output<typeof amqpSchema>;
