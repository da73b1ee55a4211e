/** Routes by path: what a path does not offer is a 405, as in Clair, where the framework would say 404. */
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AppError } from '../errors.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type Handlers = Readonly<Partial<Record<(typeof METHODS)[number], RouteHandlerMethod>>>;

/** By server and path. */
const offers = new WeakMap<FastifyInstance, Map<string, Handlers>>();

// clair-quirk: a path that ends in an id may have anything before it, and a slash after it; only its last segment counts
/** The last segment of what `*` at the end of a route stands for, decoded; '' if there is none. */
export function lastSegment(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'].replace(/\/$/, '').split('/').at(-1) ?? '';
}

/** Leads from `url` to the same with a slash, for a path whose every offer is below it. */
export function redirectToSlash(app: FastifyInstance, url: string): void {
  app.all(url, async (request, reply) => {
    const [path = '', ...query] = request.url.split('?');
    const location = query.length === 0 ? `${path}/` : `${path}/?${query.join('?')}`;
    return reply.code(307).header('location', location).send();
  });
}

// differs: HEAD is supported where GET is (clair-service.md#content-negotiation)
/** Offers `handlers` at `url`, beside those that it has; HEAD is answered as GET without its body. */
export function route(app: FastifyInstance, url: string, handlers: Handlers): void {
  const paths = offers.get(app) ?? new Map<string, Handlers>();
  offers.set(app, paths);
  const known = paths.get(url);
  paths.set(url, { ...known, ...(handlers.GET && { HEAD: handlers.GET }), ...handlers });
  if (known !== undefined) return;
  for (const method of METHODS) {
    app.route({
      method,
      url,
      handler(request, reply) {
        const offered = paths.get(url)!;
        const handler = offered[method];
        if (handler !== undefined) return handler.call(app, request, reply);
        const allow = METHODS.filter((each) => offered[each] !== undefined).join(', ');
        reply.header('allow', allow);
        throw new AppError('method-not-allowed', `endpoint only allows ${allow}, not ${request.method}`);
      },
    });
  }
}
