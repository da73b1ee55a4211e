/** `Expect: 100-continue`: a body is asked for once nothing speaks against the request (RFC 9110 §10.1.1). */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** To be called after all else that may refuse a request without its body. */
export function continueWhenAccepted(app: FastifyInstance, bodyLimit: number): void {
  const waiting = new WeakSet<IncomingMessage>();
  // Without a listener, Node tells every client to go on before any hook has seen the request.
  app.server.on('checkContinue', (request, response) => {
    waiting.add(request);
    app.routing(request, response);
  });
  app.addHook('preParsing', async ({ raw, headers }, reply, payload) => {
    const isTooLarge = Number(headers['content-length']) > bodyLimit;
    if (waiting.delete(raw) && !isTooLarge) reply.raw.writeContinue();
    return payload;
  });
}
