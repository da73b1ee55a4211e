/** A connection by AMQP 0-9-1, from a URI as Clair takes it. */
import { type ChannelModel, connect } from 'amqplib';
import { messageOf } from '../../errors.ts';
import type { Secret } from '../../lib/secret.ts';
import type { TlsFiles } from '../client-tls.ts';
import { clientTlsOptions } from '../client-tls.ts';
import type { BrokerConnection } from '../kept-connection.ts';
import { createLifeline } from '../lifeline.ts';

export interface AmqpConnection extends BrokerConnection {
  readonly model: ChannelModel;
}

/** s; the broker may want them more often, and a URI may say `?heartbeat=`. */
const HEARTBEAT = 30;
const TIMEOUT = 10_000;

/** Resolves when the broker has let us in; the connection ends at once when `signal` is aborted. */
export async function connectAmqp(
  uri: Secret,
  tls: TlsFiles | null | undefined,
  signal: AbortSignal,
): Promise<AmqpConnection> {
  const options = connectOptions(new URL(uri.reveal()));
  const model = await connect(options, {
    timeout: TIMEOUT,
    noDelay: true,
    keepAlive: true,
    ...{ signal }, // of node:net, which gets all of these; its types have no place for it
    credentials: plainLogin(uri),
    clientProperties: { product: 'clair', connection_name: 'clair-notifier' },
    ...(options.protocol === 'amqps' && (await clientTlsOptions(tls))),
  }).catch((error: unknown) => {
    // The library does not pass on what the broker says here.
    if (!/Expected ConnectionOpenOk/.test(messageOf(error))) throw error;
    const name = JSON.stringify(decodeURIComponent(options.vhost));
    throw new Error(`there is no virtual host ${name}, or it is not for this user`, { cause: error });
  });
  const line = createLifeline();
  model.on('error', (error: Error) => line.cut(error));
  model.on('close', (error?: Error) => line.cut(error ?? new Error('the broker closed the connection')));
  return {
    model,
    line,
    close: () => model.close(),
  };
}

/** https://www.rabbitmq.com/docs/uri-spec, but that an empty virtual host is `/`. */
function connectOptions(url: URL) {
  const heartbeat = Number(url.searchParams.get('heartbeat') ?? HEARTBEAT);
  return {
    protocol: url.protocol.slice(0, -1),
    hostname: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost',
    ...(url.port !== '' && { port: Number(url.port) }),
    // The library undoes its percent-encoding.
    vhost: url.pathname.slice(1) || '/',
    heartbeat: Number.isInteger(heartbeat) && heartbeat >= 0 ? heartbeat : HEARTBEAT,
  };
}

/** Returns the broker's address as messages show it. */
export function brokerOf(uri: Secret): string {
  const { protocol, host } = new URL(uri.reveal());
  return `${protocol}//${host}`;
}

/**
 * SASL PLAIN (RFC 4616) for the library, which keeps what it is given as long as the connection: that is the secret. Its
 * own would be texts.
 */
function plainLogin(uri: Secret): { readonly mechanism: 'PLAIN'; response(): Buffer } {
  return {
    mechanism: 'PLAIN',
    response() {
      const { username, password } = new URL(uri.reveal());
      const isGuest = username === '' && password === '';
      const [user, pass] = isGuest ? ['guest', 'guest'] : [username, password].map(decodeURIComponent);
      return Buffer.from(`\0${user}\0${pass}`);
    },
  };
}
