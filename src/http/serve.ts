/** Routes from operations: what an operation says of its parameters and types is what its handler gets. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { schemaIssues } from '../lib/schema-issues.ts';
import { vary } from './compress.ts';
import { negotiate } from './negotiate.ts';
import type { Operation, Parameters } from './operation.ts';
import { lastSegment, route } from './route.ts';

type Read<P extends Parameters> = { readonly [Name in keyof P]: z.output<P[Name]> };

/** What a request asks for. Each is read when the handler wants it: the first that it wants is the first to be refused. */
export interface Input<P extends Parameters, Q extends Parameters> {
  /** Throws `bad-request`. */
  readonly params: Read<P>;
  /** Throws `bad-request`. */
  readonly query: Read<Q>;
  /** The media type of the answer. Throws `not-acceptable` if the operation can fail with it: else Accept is ignored. */
  readonly type: string;
}

export type OperationHandler<P extends Parameters, Q extends Parameters> = (
  request: FastifyRequest,
  reply: FastifyReply,
  input: Input<P, Q>,
) => Promise<unknown>;

/** By the server of an app, which its scopes share. */
const served = new WeakMap<object, Operation[]>();

/** The operations that `app` and its scopes serve. */
export function servedOperations(app: FastifyInstance): readonly Operation[] {
  return served.get(app.server) ?? [];
}

/** Serves `operation` by `handler`. */
export function serve<P extends Parameters, Q extends Parameters>(
  app: FastifyInstance,
  operation: Operation<P, Q>,
  handler: OperationHandler<P, Q>,
): void {
  const { method, path, params, query, answers, errors = {} } = operation;
  const readParams = reader(params);
  const readQuery = reader(query);
  const [types = ['application/json']] = Object.values(answers).flatMap((answer) =>
    answer.types ? [answer.types] : [],
  );
  const isNegotiated = 'not-acceptable' in errors;
  const last = /\{(\w+)\}$/.exec(path)?.[1];

  served.set(app.server, [...servedOperations(app), operation]);
  route(app, urlOf(path), {
    [method]: async (request: FastifyRequest, reply: FastifyReply) =>
      handler(request, reply, {
        get params() {
          const found = request.params as Readonly<Record<string, unknown>>;
          return readParams(last === undefined ? found : { ...found, [last]: lastSegment(request) });
        },
        get query() {
          return readQuery(request.query);
        },
        get type() {
          if (!isNegotiated) return types[0];
          if (method === 'GET') vary(reply, 'Accept');
          return negotiate(request.headers.accept, ...types);
        },
      }),
  });
}

/** As the framework writes it. */
function urlOf(path: string): string {
  return path.replace(/\{\w+\}$/, '*').replace(/\{(\w+)\}/g, ':$1');
}

function reader<P extends Parameters>(schemas: P | undefined): (values: unknown) => Read<P> {
  const all = z.object(schemas ?? {});
  return (values) => {
    const read = all.safeParse(values);
    if (!read.success) throw new AppError('bad-request', schemaIssues(read.error));
    return read.data as Read<P>;
  };
}
