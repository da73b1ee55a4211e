/** Delivery by AMQP 0-9-1: persistent messages that the broker has confirmed. */
import type { ConfirmChannel } from 'amqplib';
import { messageOf } from '../../errors.ts';
import { type Delivery, PermanentError, type Transport } from '../contract.ts';
import { keepConnection } from '../kept-connection.ts';
import { isTooLarge, messagesOf } from '../messages.ts';
import { type AmqpConnection, brokerOf, connectAmqp } from './amqp-connection.ts';
import type { AmqpSettings } from './schema.ts';

/** ms that the broker may be silent. */
const PATIENCE = 30_000;
/** So much may be unconfirmed at a time. */
const WINDOW = { messages: 200, bytes: 4 * 1024 * 1024 } as const;

export function amqpTransport(settings: AmqpSettings): Transport {
  const { callback, direct, uris, tls } = settings;
  // differs: one connection, not one a message; what is sent is stored and confirmed (clair-service.md#transports)
  const kept = keepConnection({
    addresses: uris,
    connect: (uri, signal) => connectAmqp(uri, tls, signal),
    nameOf: brokerOf,
  });
  return {
    name: 'amqp',
    direct,
    callback,
    async deliver(delivery, signal) {
      const connection = await kept.get(signal);
      // A channel for each: what the broker does not like ends the channel only.
      await using channel = await openChannel(connection, signal);
      await publishAll(channel, delivery, { settings, signal });
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

interface OpenChannel extends AsyncDisposable {
  readonly confirming: ConfirmChannel;
  /** To be called before each message. */
  readonly sending: () => void;
  /** What the broker said when it closed the channel. */
  readonly failure: () => Error | undefined;
  /** As the broker said about a message that nobody gets. */
  readonly returned: () => string | undefined;
  wait<T>(work: Promise<T>, what: string): Promise<T>;
}

async function openChannel(connection: AmqpConnection, signal: AbortSignal): Promise<OpenChannel> {
  const { model, line } = connection;
  const wait = async <T>(work: Promise<T>, what: string): Promise<T> => {
    try {
      return await line.wait(work, { signal, timeout: PATIENCE, what });
    } catch (error) {
      // The work may still go on, and a broker that is silent is of no more use.
      if (signal.aborted || messageOf(error).startsWith(what))
        line.cut(new Error('the connection was closed'));
      throw error;
    }
  };
  const confirming = await wait(model.createConfirmChannel(), 'the broker does not open a channel');
  let failure: Error | undefined;
  let returned: string | undefined;
  confirming.on('error', (error: Error) => (failure = error));
  let sent = 0;
  for (const event of ['ack', 'nack']) {
    const [confirm] = confirming.listeners(event);
    confirming.removeAllListeners(event).on(event, (said: { readonly deliveryTag: number }) => {
      // The library makes its list as long as the highest number that it is told: gigabytes, and minutes.
      if (said.deliveryTag <= sent) confirm?.(said);
      else line.cut(new Error('the broker confirms what it was not sent'));
    });
  }
  confirming.on('return', ({ fields }: { fields: object }) => {
    returned = String((fields as { replyText?: unknown }).replyText ?? 'returned');
  });
  return {
    confirming,
    sending: () => void sent++,
    wait,
    failure: () => line.failure ?? failure,
    returned: () => returned,
    async [Symbol.asyncDispose]() {
      if (line.failure !== undefined || failure !== undefined) return;
      await wait(confirming.close(), 'the broker does not close a channel').catch(() => {});
    },
  };
}

interface Publishing {
  readonly settings: AmqpSettings;
  readonly signal: AbortSignal;
}

async function publishAll(
  channel: OpenChannel,
  delivery: Delivery,
  { settings, signal }: Publishing,
): Promise<void> {
  const { exchange, routing_key: routingKey } = settings;
  const { confirming, sending, wait } = channel;
  const confirmed = (): Promise<void> => wait(confirming.waitForConfirms(), 'the broker does not confirm');
  const messages = messagesOf(delivery, settings);
  try {
    if (exchange.name !== '') {
      await wait(confirming.checkExchange(exchange.name), 'the broker did not confirm the exchange');
    }
    let [count, open, bytes] = [0, 0, 0];
    for await (const message of messages) {
      signal.throwIfAborted();
      const body = Buffer.from(message);
      sending();
      confirming.publish(exchange.name, routingKey, body, {
        contentType: 'application/json',
        appId: 'clairV4-notifier',
        persistent: true,
        mandatory: true,
        // The same in each attempt: a receiver can tell a repetition.
        messageId: settings.direct ? `${delivery.notificationId}/${count}` : delivery.notificationId,
      });
      count++;
      open++;
      bytes += body.length;
      if (open < WINDOW.messages && bytes < WINDOW.bytes) continue;
      await confirmed();
      [open, bytes] = [0, 0];
    }
    await confirmed();
  } catch (error) {
    signal.throwIfAborted();
    throw explain(channel.failure() ?? error, settings);
  }
  const returned = channel.returned();
  if (returned !== undefined) {
    throw new Error(`no queue gets the messages of ${placeOf(settings)}: ${returned}`);
  }
}

function explain(error: unknown, settings: AmqpSettings): Error {
  const message = messageOf(error);
  const text = `${placeOf(settings)}: ${message}`;
  // The message is the same in the next attempt.
  if (isTooLarge(message)) return new PermanentError(text, { cause: error });
  return new Error(text, { cause: error });
}

function placeOf({ exchange, routing_key: routingKey }: AmqpSettings): string {
  return `exchange ${JSON.stringify(exchange.name)}, routing key ${JSON.stringify(routingKey)}`;
}
