/** The transports that are configured; those that are not are never loaded. */
import { VERSION } from '../../lib/version.ts';
import type { Transport } from '../transport.ts';
import type { TransportSettings } from './settings.ts';

export interface TransportParts {
  /** The `Authorization` header of a request to a webhook (issuer `clair-notifier`); undefined: there is no key. */
  readonly sign?: (() => Promise<string>) | undefined;
}

/**
 * All that are configured, each on its own. Connects to nobody: a broker that is not there must not keep the service
 * from starting. Throws `bad-config`.
 */
// differs: Clair uses the first one only (service.md §10.2 W18)
export async function createTransports(
  { webhook, amqp, stomp }: TransportSettings,
  { sign }: TransportParts = {},
): Promise<Transport[]> {
  const transports: Transport[] = [];
  if (webhook) {
    const { webhookTransport } = await import('./webhook.ts');
    transports.push(webhookTransport(webhook, { sign, userAgent: `clair/${VERSION}` }));
  }
  if (amqp) {
    const { amqpTransport } = await import('./amqp.ts');
    transports.push(amqpTransport(amqp));
  }
  if (stomp) {
    const { stompTransport } = await import('./stomp.ts');
    transports.push(stompTransport(stomp));
  }
  return transports;
}
