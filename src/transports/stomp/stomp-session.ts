/** A session by STOMP 1.0 to 1.2 over TCP or TLS. */
import { once } from 'node:events';
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Headers } from 'stompit';
import { messageOf } from '../../errors.ts';
import { clientTlsOptions } from '../client-tls.ts';
import type { BrokerConnection } from '../kept-connection.ts';
import { createLifeline } from '../lifeline.ts';
import type { StompSettings } from './schema.ts';
import { StompClient } from './stomp-client.ts';

export interface StompFrame {
  readonly command: 'SEND' | 'BEGIN' | 'COMMIT' | 'ABORT';
  readonly headers: Headers;
  readonly body?: string;
}

export interface StompSession extends BrokerConnection {
  /** Resolves when the frame has left; `onReceipt`: asks for a receipt, and is called when it comes. */
  send(frame: StompFrame, onReceipt?: () => void): Promise<void>;
}

/** ms, of both sides. */
const HEART_BEAT = '60000,60000';
const LATE = 15_000;
const TIMEOUT = 10_000;

type Login = Pick<StompSettings, 'user' | 'tls'>;

/** Resolves when the broker has let us in; the session ends at once when `signal` is aborted. */
export async function connectStomp(
  address: string,
  login: Login,
  signal: AbortSignal,
): Promise<StompSession> {
  const { host } = parseAddress(address);
  try {
    return await openSession(address, host, { login, signal });
  } catch (error) {
    // RabbitMQ takes `host` as the name of a virtual host, and has `/` for those who say nothing.
    if (!/virtual host/i.test(messageOf(error))) throw error;
    return await openSession(address, '/', { login, signal }).catch((again) => {
      throw /virtual host/i.test(messageOf(again)) ? error : again;
    });
  }
}

interface Opening {
  readonly login: Login;
  readonly signal: AbortSignal;
}

async function openSession(
  address: string,
  virtualHost: string,
  { login, signal }: Opening,
): Promise<StompSession> {
  const socket = await openSocket(address, login.tls, signal);
  const client = new StompClient(socket, { heartbeatDelayMargin: LATE, maxLineLength: 16 * 1024 });
  const line = createLifeline();
  client.on('error', (error: Error) => line.cut(error));
  client.on('end', () => line.cut(new Error('the broker ended the session')));
  socket.once('close', () => line.cut(new Error('the broker closed the connection')));
  line.onCut(() => client.destroy());
  const { user } = login;
  const entered = new Promise<void>((done, fail) => {
    client.connect(
      {
        'accept-version': '1.0,1.1,1.2',
        host: virtualHost,
        'heart-beat': HEART_BEAT,
        // differs: Clair never sends them (clair-service.md#transports)
        ...(user && { login: user.login, passcode: user.passcode.reveal() }),
      },
      (error) => (error ? fail(error) : done()),
    );
  });
  try {
    await line.wait(entered, { timeout: TIMEOUT, what: 'the broker does not answer CONNECT' });
  } catch (error) {
    line.cut(error as Error);
    throw error;
  }
  return {
    line,
    close: () => new Promise<void>((done) => client.disconnect(() => done())),
    send({ command, headers, body }, onReceipt) {
      const frame = client.sendFrame(command, { ...headers }, onReceipt && { onReceipt });
      return new Promise<void>((done, fail) => {
        frame.on('error', fail);
        if (body !== undefined) frame.write(body);
        frame.end((error?: Error | null) => (error ? fail(error) : done()));
      });
    },
  };
}

async function openSocket(address: string, tls: StompSettings['tls'], signal: AbortSignal): Promise<Socket> {
  const { host, port } = parseAddress(address);
  const socket = tls
    ? tlsConnect({
        host,
        port,
        ...(isIP(host) === 0 && { servername: host }),
        ...(await clientTlsOptions(tls)),
      })
    : netConnect({ host, port });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  socket.setNoDelay(true).setKeepAlive(true);
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(TIMEOUT) });
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy();
    if (error instanceof Error && error.name === 'AbortError') {
      throw new Error('it does not answer', { cause: error });
    }
    throw error;
  }
}

/** `host:port`, `[::1]:port`, `:port`. */
function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port)) throw new Error(`the port of ${address} must be a number`);
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, '') || 'localhost', port };
}
