/** `update_operation`: what the feeds brought, and when. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { isFresh } from '../../http/negotiate.ts';
import { lastSegment, route } from '../../http/route.ts';
import { parseUuid } from '../../lib/uuid.ts';
import type { Matcher } from '../matcher.ts';
import type { FeedKind } from '../store/feeds.ts';

const PATH = '/matcher/api/v1/internal/update_operation';

/** `GET update_operation?kind=&latest=`, `DELETE update_operation/{ref}`. */
export function updateOperationRoutes(
  app: FastifyInstance,
  matcher: Pick<Matcher, 'updateOperations' | 'deleteUpdateOperation'>,
): void {
  route(app, PATH, {
    async GET(request, reply) {
      const { kind, latest } = request.query as Readonly<Record<string, unknown>>;
      const { newest, byUpdater } = await matcher.updateOperations(readKind(kind), isTrue(latest));
      if (newest !== undefined) {
        const etag = `"${newest}"`;
        reply.header('etag', etag);
        if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
      }
      // differs: the type says what it is, where Clair's is what Go guesses, text/plain (clair-service.md#types-of-answers)
      return reply.type('application/json').send(JSON.stringify(byUpdater));
    },
  });

  route(app, `${PATH}/*`, {
    async DELETE(request, reply) {
      await matcher.deleteUpdateOperation(refOf(request)); // an unknown one is as good as deleted
      return reply.code(200).send();
    },
  });
}

function refOf(request: FastifyRequest): string {
  const ref = lastSegment(request);
  const uuid = parseUuid(ref);
  if (uuid === undefined) {
    throw new AppError('bad-request', `malformed update operation ${JSON.stringify(ref)}: want a UUID`);
  }
  return uuid;
}

function readKind(kind: unknown): FeedKind {
  if (kind === undefined || kind === '' || kind === 'vulnerability') return 'vulnerability';
  if (kind === 'enrichment') return kind;
  throw new AppError('bad-request', `unknown kind: ${JSON.stringify(kind)}`);
}

/** As Go reads a bool; anything else is false. */
function isTrue(text: unknown): boolean {
  return typeof text === 'string' && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
