/** `update_diff`: what changed between two update operations. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { route } from '../../http/route.ts';
import { parseUuid } from '../../lib/uuid.ts';
import type { Matcher } from '../matcher.ts';
import { NO_OPERATION } from '../operation-json.ts';
import { writeDiff } from '../update-diff.ts';

/** `GET update_diff?cur=&prev=`: streamed. Without `prev`, or with the nil UUID: all that `cur` has. */
export function updateDiffRoutes(app: FastifyInstance, matcher: Pick<Matcher, 'updateDiff'>): void {
  route(app, '/matcher/api/v1/internal/update_diff', {
    async GET(request, reply) {
      const query = request.query as Readonly<Record<string, unknown>>;
      const cur = readRef('cur', query.cur);
      const prev = query.prev === undefined || query.prev === '' ? undefined : readRef('prev', query.prev);
      const diff = await matcher.updateDiff(cur, prev === NO_OPERATION.ref ? undefined : prev);
      return reply.type('application/json').send(Readable.from(writeDiff(diff), { objectMode: false }));
    },
  });
}

function readRef(name: string, value: unknown): string {
  const uuid = typeof value === 'string' ? parseUuid(value) : undefined;
  if (uuid === undefined) {
    throw new AppError('bad-request', `could not parse ${JSON.stringify(name)} query param into uuid`);
  }
  return uuid;
}
