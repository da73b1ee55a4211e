/** Delivery by STOMP: `notifier.stomp`. */
import { tlsFiles } from '../client-tls.ts';
import { transportKind } from '../kind.ts';
import { lintDirect } from '../settings.ts';
import { stompSchema } from './schema.ts';

export const stomp = transportKind({
  name: 'stomp',
  schema: stompSchema,
  aliases: [
    [['login'], ['user']],
    [['desitnation'], ['destination']],
  ],
  lint: lintDirect,
  files: ({ tls }) => tlsFiles(tls),
  async open(settings) {
    const { stompTransport } = await import('./stomp.ts');
    return stompTransport(settings);
  },
});
