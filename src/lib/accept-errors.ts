/** Connections that a server cannot accept. */
import type { Server } from 'node:net';
import { messageOf } from '../errors.ts';
import type { Log } from './log.ts';

/**
 * Logs them. Node emits each as an `error` of the server, as when file descriptors run out: without a listener it ends
 * the process. A failure to listen stays with who listens.
 */
export function logAcceptErrors(server: Server, log: Log): void {
  server.on('error', (error) => {
    if (server.listening) log.error('a connection could not be accepted', { reason: messageOf(error) });
  });
}
