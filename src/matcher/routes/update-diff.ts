/** `update_diff`: what changed between two update operations. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { operation, optionalParameter, parameter, readUuid } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { UpdateDiff } from '../../model/api/updates.ts';
import { NO_OPERATION } from '../history/operation-json.ts';
import { writeDiff } from '../history/update-diff.ts';
import type { Matcher } from '../matcher.ts';

const UUID = { type: 'string', format: 'uuid' };
const readRef = (name: string) => readUuid(() => `could not parse "${name}" query param into uuid`);

export const UPDATE_DIFF = operation({
  method: 'GET',
  path: '/matcher/api/v1/internal/update_diff',
  tag: 'matcher',
  id: 'updateDiff',
  summary: 'The difference of two update operations.',
  query: {
    cur: parameter({ ...UUID, description: 'The newer operation.' }, readRef('cur')),
    prev: optionalParameter<string | undefined>(
      { ...UUID, description: 'The older operation; absent: the empty state.' },
      undefined,
      readRef('prev'),
    ),
  },
  answers: { 200: { description: 'The difference.', schema: UpdateDiff } },
  errors: { 'bad-request': true, 'not-found': 'The operation does not exist.' },
});

/** `GET update_diff?cur=&prev=`: streamed. Without `prev`, or with the nil UUID: all that `cur` has. */
export function updateDiffRoutes(app: FastifyInstance, matcher: Pick<Matcher, 'updateDiff'>): void {
  serve(app, UPDATE_DIFF, async (_request, reply, input) => {
    const { cur, prev } = input.query;
    const diff = await matcher.updateDiff(cur, prev === NO_OPERATION.ref ? undefined : prev);
    return reply.type(input.type).send(Readable.from(writeDiff(diff), { objectMode: false }));
  });
}
