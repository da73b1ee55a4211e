/** A connection of HTTP/2 that is made when it is needed, and again when it was lost. */
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2';
import type { Clock } from '../../../lib/clock.ts';

export interface GrpcConnection extends Disposable {
  /** A session that can take calls; whether the other side is there, calls will tell. */
  session(signal: AbortSignal): Promise<ClientHttp2Session>;
  /** The other side is silent: the next call is made over a new connection. */
  drop(): void;
}

/** At least `pause` ms are between two attempts to connect. */
export function createConnection(
  origin: string,
  options: SecureClientSessionOptions,
  pause: number,
  clock: Clock,
): GrpcConnection {
  let current: ClientHttp2Session | undefined;
  let tried = Number.NEGATIVE_INFINITY;

  function drop(): void {
    current?.destroy();
    current = undefined;
  }

  function open(): ClientHttp2Session {
    tried = clock.now();
    const session = connect(origin, options);
    const forget = (): void => {
      if (current === session) current = undefined;
    };
    session.on('error', forget); // calls that wait are told
    session.on('goaway', forget);
    session.on('close', forget);
    return session;
  }

  return {
    async session(signal) {
      const wait = tried + pause - clock.now();
      if (!current && wait > 0) await clock.sleep(wait, signal);
      if (current?.closed || current?.destroyed) current = undefined;
      return (current ??= open());
    },
    drop,
    [Symbol.dispose]: drop,
  };
}
