/** Which protocol a new connection without TLS speaks, by what its client sends first. */
import type { Socket } from 'node:net';

/** RFC 9113 §3.4: what a client of HTTP/2 begins with. No request of HTTP/1.1 does. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface Protocols {
  /** ms until it must be known. */
  readonly timeout: number;
  /** Takes the connection over, with all that was read of it. */
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** The client did not say enough in time. */
  readonly late: (socket: Socket) => void;
}

/** Hands `socket` over as soon as its first bytes, at most 24, say to whom. One that ends before is closed. */
export function tellProtocol(socket: Socket, { timeout, http1, http2, late }: Protocols): void {
  let seen = Buffer.alloc(0);

  function handOver(to: (socket: Socket) => void): void {
    clearTimeout(timer);
    socket.off('readable', read).off('end', close).off('error', close).off('close', close);
    if (seen.length > 0) socket.unshift(seen);
    to(socket);
  }
  function close(): void {
    clearTimeout(timer);
    socket.destroy();
  }
  function read(): void {
    for (let piece = socket.read(); piece !== null; piece = socket.read()) {
      seen = Buffer.concat([seen, piece as Buffer]);
    }
    if (seen.length === 0) return;
    const isPreface = seen.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, seen.length));
    if (isPreface && seen.length < PREFACE.length) return;
    handOver(isPreface ? http2 : http1);
  }

  const timer = setTimeout(() => handOver(late), timeout);
  socket.on('readable', read).once('end', close).once('error', close).once('close', close);
}
