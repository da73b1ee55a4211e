/** Routes by path: what a path does not offer is a 405, as in Clair, where the framework would say 404. */
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { AppError } from '../errors.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type Handlers = Readonly<Partial<Record<(typeof METHODS)[number], RouteHandlerMethod>>>;

/** Offers `handlers` at `url`; HEAD is answered as GET without its body. */
export function route(app: FastifyInstance, url: string, handlers: Handlers): void {
  const offered: Handlers = handlers.GET === undefined ? handlers : { HEAD: handlers.GET, ...handlers };
  const allow = METHODS.filter((method) => offered[method] !== undefined).join(', ');
  for (const method of METHODS) {
    const handler = offered[method];
    app.route({
      method,
      url,
      handler:
        handler ??
        ((request, reply) => {
          reply.header('allow', allow);
          throw new AppError('method-not-allowed', `endpoint only allows ${allow}, not ${request.method}`);
        }),
    });
  }
}
