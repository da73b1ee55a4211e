/** Delivery by AMQP 0-9-1: `notifier.amqp`. */
import { tlsFiles } from '../client-tls.ts';
import { transportKind } from '../kind.ts';
import { lintDirect } from '../settings.ts';
import { amqpSchema } from './schema.ts';

export const amqp = transportKind({
  name: 'amqp',
  schema: amqpSchema,
  aliases: [
    [
      ['exchange', 'durable'],
      ['exchange', 'durability'],
    ],
  ],
  lint: lintDirect,
  files: ({ tls }) => tlsFiles(tls),
  async open(settings) {
    const { amqpTransport } = await import('./amqp.ts');
    return amqpTransport(settings);
  },
});
