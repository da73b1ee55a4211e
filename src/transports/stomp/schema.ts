/** `notifier.stomp`: the brokers, who logs in, and where the messages go there. */
import { z } from 'zod';
import { clientTls, hostPort, secret } from '../../lib/setting-values.ts';
import { callback, direct } from '../settings.ts';

export const stompSchema = z
  .strictObject({
    uris: z
      .array(hostPort)
      .min(1, 'at least one host:port of a broker')
      .describe('Brokers; the first that answers is used.'),
    destination: z.string().min(1, 'the name of the queue').describe('Destination of the messages.'),
    callback,
    ...direct,
    user: z
      .strictObject({ login: z.string(), passcode: secret })
      .nullish()
      .describe('Who logs in at the broker.'),
    tls: clientTls.nullish().describe('Connect by TLS.'),
  })
  .describe('Delivery by STOMP.');

export type StompSettings = z.output<typeof stompSchema>;
