/** Answers that come before the end of a request, to clients that have the connection closed after them. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** ms that the rest of a body may take. */
const PATIENCE = 500;

/**
 * A connection that is closed while bytes come in is reset, and what was sent is lost with it (RFC 9112 §9.6): the rest of
 * the body is read and dropped before the answer, for as long as `PATIENCE`. Others are kept open, and read on.
 */
export function readBeforeClosing(app: FastifyInstance): void {
  app.addHook('onSend', async ({ raw }, _reply, payload) => {
    if (isUnread(raw) && isLast(raw)) await dropRest(raw);
    return payload;
  });
}

/** Whoever waits for `100 Continue` sends nothing before it. */
function isUnread(request: IncomingMessage): boolean {
  return request.httpVersionMajor === 1 && !request.complete && request.headers.expect === undefined;
}

function isLast({ headers, httpVersionMinor }: IncomingMessage): boolean {
  const options = (headers.connection ?? '').toLowerCase();
  return httpVersionMinor === 0 ? !options.includes('keep-alive') : /\bclose\b/.test(options);
}

async function dropRest(request: IncomingMessage): Promise<void> {
  request.resume();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, PATIENCE);
    function done(): void {
      clearTimeout(timer);
      request.off('end', done).off('close', done);
      resolve();
    }
    request.once('end', done).once('close', done);
  });
}
