/** One connection to the first of several brokers that can be used, kept until it breaks. */
import { messageOf } from '../errors.ts';
import { redact } from '../lib/redact.ts';
import { createLifeline, type Lifeline } from './lifeline.ts';

export interface BrokerConnection {
  readonly line: Lifeline;
  /** Takes leave of the broker. */
  close(): Promise<void>;
}

export interface KeptConnection<C extends BrokerConnection> extends AsyncDisposable {
  /** The one that is open, else a new one. */
  get(signal: AbortSignal): Promise<C>;
}

/** ms until the next broker is tried, whatever this one is doing. */
const CONNECT = 15_000;
const GOODBYE = 2_000;

export interface Brokers<A, C extends BrokerConnection> {
  readonly addresses: readonly A[];
  /** `signal` is aborted when the connection is not wanted any more, open or not yet. */
  connect(address: A, signal: AbortSignal): Promise<C>;
  /** What messages call it: without user and password. */
  nameOf(address: A): string;
}

/** Connects when first asked. */
export function keepConnection<A, C extends BrokerConnection>({
  addresses,
  connect,
  nameOf,
}: Brokers<A, C>): KeptConnection<C> {
  const over = new AbortController();
  let opening: Promise<C> | undefined;
  let current: C | undefined;

  async function openOne(address: A): Promise<C> {
    const unwanted = new AbortController();
    const signal = AbortSignal.any([unwanted.signal, over.signal]);
    const options = { signal: over.signal, timeout: CONNECT, what: 'it does not let us in' };
    try {
      const connection = await createLifeline().wait(connect(address, signal), options);
      connection.line.onCut(() => unwanted.abort());
      return connection;
    } catch (error) {
      unwanted.abort();
      throw error;
    }
  }

  async function open(): Promise<C> {
    const failures: string[] = [];
    for (const address of addresses) {
      if (over.signal.aborted) break;
      try {
        return (current = await openOne(address));
      } catch (error) {
        failures.push(`${nameOf(address)}: ${redact(reasonOf(error)).trim()}`);
      }
    }
    throw new Error(
      `no broker can be used: ${over.signal.aborted ? 'the service stops' : failures.join('; ')}`,
    );
  }

  return {
    async get(signal) {
      signal.throwIfAborted();
      if (current !== undefined && current.line.failure === undefined) return current;
      // Whoever comes meanwhile waits for the same.
      opening ??= open().finally(() => (opening = undefined));
      return await createLifeline().wait(opening, {
        signal,
        timeout: CONNECT * addresses.length + 1000,
        what: 'no broker can be reached',
      });
    },
    async [Symbol.asyncDispose]() {
      const connection = current;
      if (connection !== undefined && connection.line.failure === undefined) {
        const options = { timeout: GOODBYE, what: 'it does not answer' };
        await connection.line.wait(connection.close(), options).catch(() => {});
      }
      over.abort(new Error('the service stops'));
      connection?.line.cut(new Error('the service stops'));
    },
  };
}

/** Of several addresses of a name that were tried: an error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
