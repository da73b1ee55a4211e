/** `update_operation`: what the feeds brought, and when. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { isFresh } from '../../http/negotiate.ts';
import {
  IF_NONE_MATCH,
  NOT_MODIFIED,
  operation,
  optionalParameter,
  parameter,
  readUuid,
} from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { UpdateOperations } from '../../model/api/updates.ts';
import type { Matcher } from '../matcher.ts';
import type { FeedKind } from '../store/feeds.ts';

const PATH = '/matcher/api/v1/internal/update_operation';

export const UPDATE_OPERATIONS = operation({
  method: 'GET',
  path: PATH,
  tag: 'matcher',
  id: 'updateOperations',
  summary: 'Update operations of the feeds.',
  query: {
    kind: optionalParameter<FeedKind>(
      { type: 'string', enum: ['vulnerability', 'enrichment'], description: 'Default: vulnerability.' },
      'vulnerability',
      readKind,
    ),
    latest: optionalParameter(
      { type: 'boolean', description: 'Return only the newest operation of each feed.' },
      false,
      isTrue,
    ),
  },
  headers: IF_NONE_MATCH,
  answers: {
    200: {
      description: 'Operations by feed.',
      schema: UpdateOperations,
      headers: { ETag: 'The newest operation; absent if there is none.' },
    },
    304: NOT_MODIFIED,
  },
  errors: { 'bad-request': true },
});

export const DELETE_UPDATE_OPERATION = operation({
  method: 'DELETE',
  path: `${PATH}/{ref}`,
  tag: 'matcher',
  id: 'deleteUpdateOperation',
  summary: 'Deletes an update operation. The advisories stay.',
  params: {
    ref: parameter(
      { type: 'string', format: 'uuid', description: 'ID of the operation.' },
      readUuid((ref) => `malformed update operation ${JSON.stringify(ref)}: expected a UUID`),
    ),
  },
  answers: { 200: { description: 'Deleted, or never known.' } },
  errors: { 'bad-request': true },
});

/** `GET update_operation?kind=&latest=`, `DELETE update_operation/{ref}`. */
export function updateOperationRoutes(
  app: FastifyInstance,
  matcher: Pick<Matcher, 'updateOperations' | 'deleteUpdateOperation'>,
): void {
  serve(app, UPDATE_OPERATIONS, async (request, reply, input) => {
    const { kind, latest } = input.query;
    const { newest, byUpdater } = await matcher.updateOperations(kind, latest);
    if (newest !== undefined) {
      const etag = `"${newest}"`;
      reply.header('etag', etag);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
    }
    // differs: the type says what it is, where Clair's is what Go guesses, text/plain (clair-service.md#types-of-answers)
    return reply.type(input.type).send(JSON.stringify(byUpdater));
  });

  serve(app, DELETE_UPDATE_OPERATION, async (_request, reply, input) => {
    await matcher.deleteUpdateOperation(input.params.ref); // an unknown one is as good as deleted
    return reply.code(200).send();
  });
}

function readKind(kind: unknown): FeedKind {
  if (kind === 'vulnerability' || kind === 'enrichment') return kind;
  throw new AppError('bad-request', `unknown kind: ${JSON.stringify(kind)}`);
}

/** As Go reads a bool; anything else is false. */
function isTrue(text: unknown): boolean {
  return typeof text === 'string' && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
