/** Delivery by HTTP POST: `notifier.webhook`. */
import { VERSION } from '../../lib/version.ts';
import { transportKind } from '../kind.ts';
import { webhookSchema } from './schema.ts';

export const webhook = transportKind({
  name: 'webhook',
  schema: webhookSchema,
  *lint({ signed, callback }, { signs }) {
    if (signed !== undefined) {
      yield ['signed', signs ? 'has no effect: requests are signed' : 'has no effect without auth'];
    }
    if (!callback) yield ['callback', 'is missing: receivers cannot tell where to fetch from (Quay knows)'];
  },
  async open(settings, { sign }) {
    const { webhookTransport } = await import('./webhook.ts');
    return webhookTransport(settings, { sign, userAgent: `clair/${VERSION}` });
  },
});
