/** `index_report`: submit, read and forget manifests; `index_state`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { vary } from '../../http/compress.ts';
import { goneSignal } from '../../http/gone-signal.ts';
import { isFresh, negotiate } from '../../http/negotiate.ts';
import { lastSegment, route } from '../../http/route.ts';
import type { Slots } from '../../http/slots.ts';
import { startDeadline } from '../../lib/deadline.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import { progressReport } from '../jobs/progress-report.ts';
import type { IndexJobs } from '../jobs/queue.ts';
import { readDigests, readManifest } from '../read-manifest.ts';

const PREFIX = '/indexer/api/v1';
const REPORT_TYPE = 'application/vnd.clair.index_report.v1+json';
const STATE_TYPE = 'application/vnd.clair.index_state.v1+json';
const JSON_TYPE = 'application/json';
/** Seconds after which a client may look again how far its job is. */
const LOOK_AGAIN = '2';

export interface IndexReportParts {
  readonly indexer: Pick<Indexer, 'state' | 'index' | 'report' | 'delete'>;
  readonly jobs: Pick<IndexJobs, 'submit' | 'status' | 'cancel'>;
  readonly slots: Pick<Slots, 'take'>;
  /** ms that indexing a manifest may take. */
  readonly timeout: number;
  /** Aborted when requests may not go on any longer. */
  readonly stopping: AbortSignal;
}

export function indexReportRoutes(
  app: FastifyInstance,
  { indexer, jobs, slots, timeout, stopping }: IndexReportParts,
): void {
  // The state names the detectors' revisions: while it holds, so does every report.
  const etag = `"${indexer.state}"`;

  // differs: the slots are for creating reports, and for nothing else; who gets none is told when to come again, and the
  // connection stays (clair-service.md#concurrent-index-requests)
  async function indexNow(manifest: Manifest, reply: FastifyReply): Promise<string> {
    using _slot = slots.take();
    using deadline = startDeadline(timeout, () => {
      const seconds = timeout / 1000;
      return new AppError('timeout', `indexing took longer than ${seconds} s (indexer.index_report_timeout)`);
    });
    const signal = AbortSignal.any([goneSignal(reply), stopping, deadline.signal]);
    return await indexer.index(manifest, { signal });
  }

  async function indexLater(manifest: Manifest, reply: FastifyReply): Promise<FastifyReply> {
    await jobs.submit(manifest);
    const job = await jobs.status(manifest.hash);
    const stored = await indexer.report(manifest.hash);
    reply
      .code(202)
      .header('preference-applied', 'respond-async') // RFC 7240 §4.1
      .header('location', `${PREFIX}/index_report/${manifest.hash}`)
      .header('retry-after', LOOK_AGAIN)
      .type(REPORT_TYPE);
    // It may be done by now.
    return reply.send(job === undefined ? (stored?.json ?? '{}') : progressReport(job, stored));
  }

  route(app, `${PREFIX}/index_report`, {
    async POST(request, reply) {
      const manifest = readManifest(request.body);
      link(reply, manifest.hash);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(412).send();
      const isCurrent = async (): Promise<boolean> => (await indexer.report(manifest.hash))?.current === true;
      if (prefersAsync(request) && !(await isCurrent())) return await indexLater(manifest, reply);
      const report = await indexNow(manifest, reply);
      // differs: the type says what it is, where Clair's is what Go guesses, text/plain (clair-service.md#types-of-answers)
      return reply
        .code(201)
        .header('etag', etag)
        .header('location', `${PREFIX}/index_report/${manifest.hash}`)
        .type(REPORT_TYPE)
        .send(report);
    },
    async DELETE(request, reply) {
      const digests = readDigests(request.body);
      await jobs.cancel(digests);
      const deleted = await indexer.delete(digests);
      // clair-quirk: nothing deleted is null, not []
      return reply.type(JSON_TYPE).send(JSON.stringify(deleted.length === 0 ? null : deleted));
    },
  });

  route(app, `${PREFIX}/index_report/*`, {
    async GET(request, reply) {
      const digest = parseDigest(lastSegment(request));
      vary(reply, 'Accept');
      const type = negotiate(request.headers.accept, REPORT_TYPE, JSON_TYPE);
      const stored = await indexer.report(digest);
      if (stored?.current === true) {
        reply.header('etag', etag);
        if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
        return reply.type(type).send(stored.json);
      }
      const job = await jobs.status(digest);
      if (job !== undefined) {
        const body = progressReport(job, stored);
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
      return reply.type(type).send(stored.json);
    },
    async DELETE(request, reply) {
      const digests = [parseDigest(lastSegment(request))];
      await jobs.cancel(digests);
      await indexer.delete(digests);
      return reply.code(204).send();
    },
  });

  route(app, `${PREFIX}/index_state`, {
    async GET(request, reply) {
      vary(reply, 'Accept');
      const type = negotiate(request.headers.accept, STATE_TYPE, JSON_TYPE);
      reply.header('etag', etag);
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type(type).send(JSON.stringify({ state: indexer.state }));
    },
  });
}

/** RFC 7240 §4.1. */
function prefersAsync(request: FastifyRequest): boolean {
  const header = request.headers.prefer;
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text.split(',').some((part) => /^\s*respond-async\s*(?:;|$)/i.test(part));
}

function link(reply: FastifyReply, digest: Digest): void {
  reply.header('link', [
    `<${PREFIX}/index_report/${digest}>; rel="https://projectquay.io/clair/v1/index_report"`,
    `</matcher/api/v1/vulnerability_report/${digest}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
  ]);
}
