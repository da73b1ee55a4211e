/** Sends the bytes of a request, and reads what is answered. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from './wire.ts';

export interface Answer {
  /** Of each answer that began; those of 100 left out. */
  readonly statuses: readonly number[];
  /** The first bytes. */
  readonly text: string;
  /** Of all that came. */
  readonly length: number;
  /** From the last byte that was sent to the end of the connection. */
  readonly milliseconds: number;
  /** The connection did not end in time. */
  readonly isLate: boolean;
  /** There was no connection to be had. */
  readonly isRefused: boolean;
}

const KEPT = 64 * 1024;

export async function send(port: number, { pieces, pause, end }: Sent, limit: number): Promise<Answer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let text = '';
  let length = 0;
  let isRefused = false;
  let isLate = false;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    isRefused = error.code === 'ECONNREFUSED';
  });
  socket.on('data', (piece) => {
    length += piece.length;
    if (text.length < KEPT) text += piece.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const timer = setTimeout(() => {
    isLate = true;
    socket.destroy();
  }, limit);
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    if (pause > 0) await Promise.race([sleep(pause), closed]);
  }
  const start = performance.now();
  if (end === 'half-close') socket.end();
  if (end === 'reset') {
    await Promise.race([sleep(pause), closed]);
    socket.resetAndDestroy();
  }
  await closed;
  clearTimeout(timer);
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
    .map(([, status]) => Number(status))
    .filter((status) => status !== 100);
  return { statuses, text, length, milliseconds: performance.now() - start, isLate, isRefused };
}
