/** `index_report`: submit, read and forget manifests; `index_state`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { isFresh, negotiate } from '../../http/negotiate.ts';
import { route } from '../../http/route.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { Indexer } from '../indexer.ts';
import { readDigests, readManifest } from '../read-manifest.ts';

const PREFIX = '/indexer/api/v1';
const REPORT_TYPE = 'application/vnd.clair.index_report.v1+json';
const STATE_TYPE = 'application/vnd.clair.index_state.v1+json';
const JSON_TYPE = 'application/json';

export function indexReportRoutes(app: FastifyInstance, indexer: Indexer, stopping: AbortSignal): void {
  // The state names the detectors' revisions: while it holds, so does every report.
  const etag = `"${indexer.state}"`;

  route(app, `${PREFIX}/index_report`, {
    async POST(request, reply) {
      const manifest = readManifest(request.body);
      link(reply, manifest.hash);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(412).send();
      const report = await indexer.index(manifest, {
        signal: AbortSignal.any([goneSignal(reply), stopping]),
      });
      return reply
        .code(201)
        .header('etag', etag)
        .header('location', `${PREFIX}/index_report/${manifest.hash}`)
        .type(REPORT_TYPE)
        .send(report);
    },
    async DELETE(request, reply) {
      const deleted = await indexer.delete(readDigests(request.body));
      // clair-quirk: nothing deleted is null, not []
      return reply.type(JSON_TYPE).send(JSON.stringify(deleted.length === 0 ? null : deleted));
    },
  });

  route(app, `${PREFIX}/index_report/:digest`, {
    async GET(request, reply) {
      const digest = digestOf(request);
      const type = negotiate(request.headers.accept, REPORT_TYPE, JSON_TYPE);
      const stored = await indexer.report(digest);
      // differs: a manifest that it has not is 404, and not 304 where If-None-Match has the state (service.md §3.5)
      if (stored === undefined) throw new AppError('not-found', 'index report not found');
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).header('etag', etag).send();
      return reply.header('etag', etag).type(type).send(stored.json);
    },
    async DELETE(request, reply) {
      await indexer.delete([digestOf(request)]);
      return reply.code(204).send();
    },
  });

  route(app, `${PREFIX}/index_state`, {
    async GET(request, reply) {
      const type = negotiate(request.headers.accept, STATE_TYPE, JSON_TYPE);
      reply.header('etag', etag);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type(type).send(JSON.stringify({ state: indexer.state }));
    },
  });
}

function digestOf(request: FastifyRequest): Digest {
  return parseDigest((request.params as { digest: string }).digest);
}

function link(reply: FastifyReply, digest: Digest): void {
  reply.header('link', [
    `<${PREFIX}/index_report/${digest}>; rel="https://projectquay.io/clair/v1/index_report"`,
    `</matcher/api/v1/vulnerability_report/${digest}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
  ]);
}

/** Aborted when the client goes away before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort(new AppError('bad-request', 'client disconnected'));
  });
  return gone.signal;
}
