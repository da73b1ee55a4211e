/** `POST index_report`: a manifest is indexed, now or later. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { goneSignal } from '../../http/gone-signal.ts';
import { isFresh } from '../../http/negotiate.ts';
import { IF_NONE_MATCH, operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import type { Slots } from '../../http/slots.ts';
import { startDeadline } from '../../lib/deadline.ts';
import { IndexReportBody, ManifestBody } from '../../model/api/index-report.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import { progressReport } from '../jobs/progress-report.ts';
import type { IndexJobs } from '../jobs/queue.ts';
import { readManifest } from '../read-manifest.ts';

const PATH = '/indexer/api/v1/index_report';
const TYPE = 'application/vnd.clair.index_report.v1+json';
/** Seconds after which a client may look again how far its job is. */
export const LOOK_AGAIN = '2';

const LINKS = { Link: 'The index report and the vulnerability report of the manifest.' };
/** A report's tag is the state that made it. */
export const STATE_ETAG = { ETag: 'The state of the indexer: while it holds, so does the report.' };

export const INDEX = operation({
  method: 'POST',
  path: PATH,
  tag: 'indexer',
  id: 'index',
  summary: 'Indexes a manifest.',
  description:
    'Returns when the manifest is indexed; immediately if it already is. With `Prefer: respond-async`, it returns 202 immediately; the ' +
    'report at Location has the progress in the member `job`, which is absent when indexing has finished. A client that disconnects ends ' +
    'indexing; finished layers are kept.',
  headers: { ...IF_NONE_MATCH, Prefer: '`respond-async` (RFC 7240): do not wait. Not in Clair.' },
  body: { schema: ManifestBody },
  answers: {
    201: {
      description: 'The manifest is indexed.',
      schema: IndexReportBody,
      types: [TYPE],
      headers: { ...STATE_ETAG, ...LINKS, Location: 'The index report.' },
    },
    202: {
      description: 'The manifest is queued for indexing.',
      schema: IndexReportBody,
      types: [TYPE],
      headers: {
        ...LINKS,
        Location: 'The index report.',
        'Preference-Applied': '`respond-async`',
        'Retry-After': 'Seconds after which to look again.',
      },
    },
    412: { description: 'The client already has a report of this state (If-None-Match).', headers: LINKS },
  },
  errors: {
    'bad-request': 'The manifest is malformed; the message says where.',
    'bad-layer': true,
    'bad-layer-url': true,
    'layer-limit': true,
    'layer-refused': true,
    'too-many-requests':
      'As many manifests as may be are being indexed. Retry after the time in Retry-After.',
    'layer-unavailable': true,
    'internal-error': 'The indexer failed. The report has the error too.',
    timeout: true,
    'not-ready': 'The service is stopping, or the database does not answer: submit again after Retry-After.',
  },
});

export interface SubmitParts {
  readonly indexer: Pick<Indexer, 'state' | 'index' | 'report'>;
  readonly jobs: Pick<IndexJobs, 'submit' | 'status'>;
  readonly slots: Pick<Slots, 'take'>;
  /** ms that indexing a manifest may take. */
  readonly timeout: number;
  /** Aborted when requests may not go on any longer. */
  readonly stopping: AbortSignal;
}

export function submitManifestRoutes(app: FastifyInstance, parts: SubmitParts): void {
  const { indexer } = parts;
  // The state names the detectors' revisions: while it holds, so does every report.
  const etag = `"${indexer.state}"`;
  serve(app, INDEX, async (request, reply) => {
    const manifest = readManifest(request.body);
    link(reply, manifest.hash);
    if (isFresh(request.headers['if-none-match'], etag)) return reply.code(412).send();
    const isCurrent = async (): Promise<boolean> => (await indexer.report(manifest.hash))?.current === true;
    if (prefersAsync(request) && !(await isCurrent())) return await indexLater(parts, manifest, reply);
    const report = await indexNow(parts, manifest, reply);
    // differs: the type says what it is, where Clair's is what Go guesses, text/plain (clair-service.md#types-of-answers)
    return reply
      .code(201)
      .header('etag', etag)
      .header('location', `${PATH}/${manifest.hash}`)
      .type(TYPE)
      .send(report);
  });
}

// differs: the slots are for creating reports, and for nothing else; a rejected client learns when to retry, and the
// connection stays (clair-service.md#concurrent-index-requests)
async function indexNow(
  { indexer, slots, timeout, stopping }: SubmitParts,
  manifest: Manifest,
  reply: FastifyReply,
): Promise<string> {
  using _slot = slots.take();
  using deadline = startDeadline(timeout, () => {
    const seconds = timeout / 1000;
    return new AppError(
      'timeout',
      `indexing timed out after ${seconds} s (indexer.index_report_timeout). Finished layers are kept: resubmit`,
    );
  });
  const signal = AbortSignal.any([goneSignal(reply), stopping, deadline.signal]);
  return await indexer.index(manifest, { signal });
}

async function indexLater(
  { indexer, jobs }: SubmitParts,
  manifest: Manifest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await jobs.submit(manifest);
  const job = await jobs.status(manifest.hash);
  const stored = await indexer.report(manifest.hash);
  reply
    .code(202)
    .header('preference-applied', 'respond-async') // RFC 7240 §4.1
    .header('location', `${PATH}/${manifest.hash}`)
    .header('retry-after', LOOK_AGAIN)
    .type(TYPE);
  // It may be done by now.
  return reply.send(job === undefined ? ((await stored?.json()) ?? '{}') : await progressReport(job, stored));
}

/** RFC 7240 §4.1. */
function prefersAsync(request: FastifyRequest): boolean {
  const header = request.headers.prefer;
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text.split(',').some((part) => /^\s*respond-async\s*(?:;|$)/i.test(part));
}

function link(reply: FastifyReply, digest: Digest): void {
  reply.header('link', [
    `<${PATH}/${digest}>; rel="https://projectquay.io/clair/v1/index_report"`,
    `</matcher/api/v1/vulnerability_report/${digest}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
  ]);
}
