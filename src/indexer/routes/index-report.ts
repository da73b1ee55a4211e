/** `index_report`: read and forget manifests; `index_state`. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { isFresh } from '../../http/negotiate.ts';
import { DIGEST, IF_NONE_MATCH, NOT_MODIFIED, operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { DeletedDigests, Digests, IndexerState, IndexReportBody } from '../../model/api/index-report.ts';
import type { Indexer } from '../indexer.ts';
import { progressReport } from '../jobs/progress-report.ts';
import type { IndexJobs } from '../jobs/queue.ts';
import { readDigests } from '../read-manifest.ts';
import { LOOK_AGAIN, STATE_ETAG } from './submit-manifest.ts';

const PREFIX = '/indexer/api/v1';

export const INDEX_REPORT = operation({
  method: 'GET',
  path: `${PREFIX}/index_report/{digest}`,
  tag: 'indexer',
  id: 'indexReport',
  summary: 'The index report of a manifest, finished or not.',
  params: { digest: DIGEST },
  headers: IF_NONE_MATCH,
  answers: {
    200: {
      description: 'The report.',
      schema: IndexReportBody,
      types: ['application/vnd.clair.index_report.v1+json', 'application/json'],
      headers: STATE_ETAG,
    },
    304: NOT_MODIFIED,
  },
  errors: { 'bad-request': true, 'not-found': 'The manifest was never submitted.', 'not-acceptable': true },
});

export const DELETE_MANIFEST = operation({
  method: 'DELETE',
  path: `${PREFIX}/index_report/{digest}`,
  tag: 'indexer',
  id: 'deleteManifest',
  summary: 'Deletes a manifest.',
  params: { digest: DIGEST },
  answers: { 204: { description: 'Deleted, or never known.' } },
  errors: { 'bad-request': true },
});

export const DELETE_MANIFESTS = operation({
  method: 'DELETE',
  path: `${PREFIX}/index_report`,
  tag: 'indexer',
  id: 'deleteManifests',
  summary: 'Deletes manifests.',
  body: { schema: Digests },
  answers: { 200: { description: 'Deleted digests; null if none was known.', schema: DeletedDigests } },
  errors: { 'bad-request': true },
});

export const INDEX_STATE = operation({
  method: 'GET',
  path: `${PREFIX}/index_state`,
  tag: 'indexer',
  id: 'indexState',
  summary: 'The state of the indexer. Resubmit manifests when it changes.',
  headers: IF_NONE_MATCH,
  answers: {
    200: {
      description: 'The state.',
      schema: IndexerState,
      types: ['application/vnd.clair.index_state.v1+json', 'application/json'],
      headers: STATE_ETAG,
    },
    304: NOT_MODIFIED,
  },
  errors: { 'not-acceptable': true },
});

export interface IndexReportParts {
  readonly indexer: Pick<Indexer, 'state' | 'report' | 'delete'>;
  readonly jobs: Pick<IndexJobs, 'status' | 'cancel'>;
}

export function indexReportRoutes(app: FastifyInstance, { indexer, jobs }: IndexReportParts): void {
  const etag = `"${indexer.state}"`;

  serve(app, INDEX_REPORT, async (request, reply, input) => {
    const { digest } = input.params;
    const { type } = input;
    const stored = await indexer.report(digest);
    if (stored?.current === true) {
      reply.header('etag', etag);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type(type).send(await stored.json());
    }
    const job = await jobs.status(digest);
    if (job !== undefined) {
      const body = await progressReport(job, stored);
      return reply
        .header('retry-after', LOOK_AGAIN)
        .header('cache-control', 'no-store')
        .type(type)
        .send(body);
    }
    // differs: a manifest that it has not is 404, and not 304 where If-None-Match has the state (clair-service.md#answers-about-index-reports)
    if (stored === undefined) throw new AppError('not-found', 'index report not found');
    // differs: a report that failed, or that another state made, has no ETag: the next one of this state is another one
    // (clair-service.md#answers-about-index-reports)
    return reply.type(type).send(await stored.json());
  });

  serve(app, DELETE_MANIFEST, async (_request, reply, input) => {
    const digests = [input.params.digest];
    await jobs.cancel(digests);
    await indexer.delete(digests);
    return reply.code(204).send();
  });

  serve(app, DELETE_MANIFESTS, async (request, reply, { type }) => {
    const digests = readDigests(request.body);
    await jobs.cancel(digests);
    const deleted = await indexer.delete(digests);
    // clair-quirk: nothing deleted is null, not []
    return reply.type(type).send(JSON.stringify(deleted.length === 0 ? null : deleted));
  });

  serve(app, INDEX_STATE, async (request, reply, { type }) => {
    reply.header('etag', etag);
    if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type(type).send(JSON.stringify({ state: indexer.state }));
  });
}
