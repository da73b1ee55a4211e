/** Telling that nobody waits for an answer any more. */
import type { FastifyReply } from 'fastify';
import { AppError } from '../errors.ts';

/** Aborted when the client goes away before it has its answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort(new AppError('bad-request', 'client disconnected'));
  });
  return gone.signal;
}
