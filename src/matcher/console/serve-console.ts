/** Routes of the console: rights, parameters that there are, ETags, and lists as CSV. */
import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { isFresh } from '../../http/negotiate.ts';
import type { Operation, Parameters } from '../../http/operation.ts';
import { type Input, serve } from '../../http/serve.ts';
import { type Caller, type CallerOf, requireOwnClient, requireRole } from './access.ts';
import { csvOf } from './csv.ts';

export interface ConsoleRequest<P extends Parameters, Q extends Parameters> {
  readonly params: Input<P, Q>['params'];
  readonly query: Input<P, Q>['query'];
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What a reader answers: `rows` are the same as CSV; `status` is 200 unless it says so. */
export interface ConsoleAnswer {
  readonly body: unknown;
  readonly rows?: readonly object[];
  readonly next?: string | null;
  readonly status?: number;
}

/** Serves what is read: anybody with the role `view`. */
export function serveView<P extends Parameters, Q extends Parameters>(
  app: FastifyInstance,
  operation: Operation<P, Q>,
  callerOf: CallerOf,
  read: (request: ConsoleRequest<P, Q>) => Promise<ConsoleAnswer>,
): void {
  const known = Object.keys(operation.query ?? {});
  serve(app, operation, async (request, reply, input) => {
    const caller = callerOf(request);
    requireRole(caller, 'view');
    requireKnown(request, known);
    const { params, query, type } = input;
    const { body, rows, next, status = 200 } = await read({ params, query, caller, request, reply });
    const text = type === 'text/csv' ? csvOf(rows ?? []) : JSON.stringify(body);
    const etag = `"${hash('sha256', text).slice(0, 32)}"`;
    reply.header('cache-control', 'private, no-cache').header('etag', `W/${etag}`);
    if (next) reply.header('link', `<${linkTo(request, next)}>; rel="next"`);
    if (type === 'text/csv') {
      reply.header('content-disposition', `attachment; filename="${operation.id}.csv"`);
    }
    if (status === 200 && isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.code(status).type(type).header('x-content-type-options', 'nosniff').send(text);
  });
}

/** Serves what changes something: needs `role`, and a client of our own. */
export function serveChange<P extends Parameters, Q extends Parameters>(
  app: FastifyInstance,
  operation: Operation<P, Q>,
  role: 'triage' | 'operate',
  callerOf: CallerOf,
  change: (request: ConsoleRequest<P, Q>) => Promise<ConsoleAnswer | undefined>,
): void {
  serve(app, operation, async (request, reply, input) => {
    const caller = callerOf(request);
    requireRole(caller, role);
    requireOwnClient(request);
    requireKnown(request, Object.keys(operation.query ?? {}));
    const { params, query } = input;
    const answer = await change({ params, query, caller, request, reply });
    reply.header('cache-control', 'no-store');
    if (answer === undefined) return reply.code(202).send();
    return reply
      .code(answer.status ?? 200)
      .type('application/json')
      .send(JSON.stringify(answer.body));
  });
}

/** A filter that is misspelt would show everything. */
function requireKnown({ query }: FastifyRequest, known: readonly string[]): void {
  for (const [name, value] of Object.entries(query as Record<string, unknown>)) {
    if (!known.includes(name)) throw new AppError('bad-request', `unknown parameter "${name}"`);
    if (Array.isArray(value)) throw new AppError('bad-request', `parameter "${name}" is given twice`);
  }
}

function linkTo(request: FastifyRequest, next: string): string {
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('after', next);
  return `${url.pathname}${url.search}`;
}
