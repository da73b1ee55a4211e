/** Delivery by STOMP: messages that the broker has given receipts for; those of a batch all or none. */
import { messageOf } from '../../errors.ts';
import { type Delivery, PermanentError, type Transport } from '../contract.ts';
import { keepConnection } from '../kept-connection.ts';
import { isTooLarge, messagesOf } from '../messages.ts';
import type { StompSettings } from './schema.ts';
import { connectStomp, type StompFrame, type StompSession } from './stomp-session.ts';

/** ms that the broker may be silent. */
const PATIENCE = 30_000;

export function stompTransport(settings: StompSettings): Transport {
  const { callback, direct, uris, destination } = settings;
  const kept = keepConnection({
    addresses: uris,
    connect: (address, signal) => connectStomp(address, settings, signal),
    nameOf: (address) => address,
  });
  let count = 0;
  return {
    name: 'stomp',
    direct,
    callback,
    async deliver(delivery, signal) {
      const session = await kept.get(signal);
      const transaction = `${delivery.notificationId}-${++count}`;
      try {
        await sendAll(session, delivery, { settings, transaction: direct ? transaction : undefined, signal });
      } catch (error) {
        signal.throwIfAborted();
        const message = `destination ${JSON.stringify(destination)}: ${messageOf(error)}`;
        // The message is the same in the next attempt.
        throw new (isTooLarge(message) ? PermanentError : Error)(message, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

interface Sending {
  readonly settings: StompSettings;
  /** undefined: there is one message only. */
  readonly transaction: string | undefined;
  readonly signal: AbortSignal;
}

async function sendAll(
  session: StompSession,
  delivery: Delivery,
  { settings, transaction, signal }: Sending,
): Promise<void> {
  const inTransaction = { ...(transaction !== undefined && { transaction }) };
  const wait = <T>(work: Promise<T>, what: string): Promise<T> =>
    session.line.wait(work, { signal, timeout: PATIENCE, what });
  let owed = 0;
  let isAllSent = false;
  const paid = Promise.withResolvers<void>();
  const settle = (): void => {
    owed--;
    if (isAllSent && owed === 0) paid.resolve();
  };
  const send = (frame: StompFrame, withReceipt: boolean): Promise<void> => {
    if (withReceipt) owed++;
    return wait(session.send(frame, withReceipt ? settle : undefined), 'the broker does not take a frame');
  };
  const messages = messagesOf(delivery, settings);
  try {
    if (transaction !== undefined) await send({ command: 'BEGIN', headers: inTransaction }, false);
    for await (const message of messages) {
      const headers = {
        destination: settings.destination,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(message),
        persistent: 'true',
        ...inTransaction,
      };
      // Asked for in a transaction as well: a broker may give that of COMMIT before it has stored them.
      await send({ command: 'SEND', headers, body: message }, true);
    }
    if (transaction !== undefined) await send({ command: 'COMMIT', headers: inTransaction }, true);
    isAllSent = true;
    if (owed > 0) await wait(paid.promise, 'the broker sent no receipt');
  } catch (error) {
    const failure = session.line.failure;
    // The end of a session undoes its transaction, and nothing is known of a broker that is silent.
    session.line.cut(new Error('the session was closed'));
    throw failure ?? error;
  }
}
