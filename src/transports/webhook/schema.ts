/** `notifier.webhook`: where notifications are posted to. */
import { z } from 'zod';
import { secret, secretUrl } from '../../lib/setting-values.ts';
import { callback } from '../settings.ts';

const headers = z
  .record(z.string(), z.union([secret.transform((value) => [value]), z.array(secret)]))
  .describe('Headers to add to each request: a name, and a value or a list of values.');

export const webhookSchema = z
  .strictObject({
    target: secretUrl('http', 'https').describe('Where notifications are posted to.'),
    callback,
    headers: headers.nullish(),
    signed: z.boolean().optional().describe('Has no effect: requests are signed whenever there is a key.'),
  })
  .describe('Delivery by HTTP POST.');

export type WebhookSettings = z.output<typeof webhookSchema>;
