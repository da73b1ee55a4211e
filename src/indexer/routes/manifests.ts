/** What is said of manifests beside their content, and the list of manifests for who keeps a copy. Not Clair's. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { readBody } from '../../http/json-body.ts';
import { DIGEST, operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { ManifestNames, ManifestsAnswer } from '../../model/api/console/operations.ts';
import type { Indexer } from '../indexer.ts';

const NAMES_PATH = '/indexer/api/v1/manifest/{digest}/names';

export const PUT_NAMES = operation({
  method: 'PUT',
  path: NAMES_PATH,
  tag: 'indexer',
  id: 'putManifestNames',
  summary: 'Adds names and labels to a manifest, for the console. Not in Clair.',
  description:
    'The manifest need not be indexed yet: its names are kept for 7 days. Reports do not depend on them.',
  params: { digest: DIGEST },
  body: { schema: ManifestNames },
  answers: { 204: { description: 'Stored.' } },
  errors: { 'bad-request': true },
});

export const DELETE_NAMES = operation({
  method: 'DELETE',
  path: NAMES_PATH,
  tag: 'indexer',
  id: 'deleteManifestNames',
  summary: 'Removes names from a manifest. Not in Clair.',
  params: { digest: DIGEST },
  query: {
    name: z.string().max(512).describe('`repository` or `repository:tag`; absent: all names.').optional(),
  },
  answers: { 204: { description: 'Removed, or never known.' } },
  errors: { 'bad-request': true },
});

const MAX_CHANGES = 1000;

export const MANIFESTS = operation({
  method: 'GET',
  path: '/indexer/api/v1/internal/manifests',
  tag: 'indexer',
  id: 'manifests',
  summary: 'Manifests that were indexed, renamed or deleted, in the order of their changes. Not in Clair.',
  query: {
    after: z.string().max(200).default('').describe('`next` or `resume` of an earlier answer; absent: all.'),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(MAX_CHANGES)
      .default(MAX_CHANGES)
      .describe(`1 to ${MAX_CHANGES}.`),
  },
  answers: { 200: { description: 'One page.', schema: ManifestsAnswer } },
  errors: { 'bad-request': true },
});

export function manifestRoutes(
  app: FastifyInstance,
  indexer: Pick<Indexer, 'saveNames' | 'deleteNames' | 'manifests'>,
): void {
  serve(app, PUT_NAMES, async (request, reply, input) => {
    const { digest } = input.params;
    const { names, labels, instructions, in_use: inUse } = readNames(request.body);
    await indexer.saveNames(digest, { names, labels, instructions, inUse });
    return reply.code(204).send();
  });

  serve(app, DELETE_NAMES, async (_request, reply, input) => {
    const { digest } = input.params;
    const { name } = input.query;
    await indexer.deleteNames(digest, name === undefined ? undefined : [name]);
    return reply.code(204).send();
  });

  serve(app, MANIFESTS, async (_request, reply, input) => {
    const { after, limit } = input.query;
    return reply.type(input.type).send(JSON.stringify(await indexer.manifests(after, limit)));
  });
}

function readNames(body: unknown): z.output<typeof ManifestNames> {
  const names = readBody(ManifestNames, body);
  if (Object.keys(names.labels).length > 20) throw new AppError('bad-request', 'body: more than 20 labels');
  return names;
}
