/** Harbor's pluggable scanner API: scans are pulls of the indexer, reports are those of the matcher. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { AppError, ERRORS, toldOf } from '../../errors.ts';
import { serve } from '../../http/serve.ts';
import { toAppError } from '../../http/server.ts';
import type { Indexer } from '../../indexer/indexer.ts';
import { type PullOutcome, showSource } from '../../indexer/pulls/pull.ts';
import type { Pulls } from '../../indexer/pulls/pulls.ts';
import type { Log } from '../../lib/log.ts';
import type { Sealer } from '../../lib/sealed-text.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import { type HarborLogin, isHarbor } from '../authenticate-harbor.ts';
import {
  chooseReportType,
  ERROR,
  METADATA,
  METADATA_1_0,
  RAW_TYPE,
  REPORT_TYPES,
  SBOM_FORMATS,
  SBOM_TYPE,
  type SbomFormat,
  SCAN_RESPONSE,
} from '../media-types.ts';
import { HARBOR_METADATA, HARBOR_REPORT, HARBOR_SCAN } from '../operations.ts';
import type { ReportSource } from '../report-source.ts';
import { sbomReport } from '../sbom-report.ts';
import { readScanRequest, type ScanRequest } from '../scan-request.ts';
import { metadataOf } from '../scanner.ts';
import { harborReport, type ImageReport, type ReportWire } from '../vulnerability-report.ts';

export interface HarborParts {
  readonly login: HarborLogin;
  readonly pulls: Pick<Pulls, 'add' | 'status'>;
  readonly indexer: Pick<Indexer, 'indexReport'>;
  readonly reports: ReportSource;
  readonly ecosystems: readonly Ecosystem[];
  readonly sealer: Sealer;
  readonly showNotChecked: boolean;
  readonly now: () => Date;
  readonly log: Log;
}

/** Seconds after which Harbor asks again; it takes at most 127. */
const REFRESH_AFTER = 5;

/** What is kept of a request until its report has expired: nothing secret. */
type KeptRequest = Pick<ScanRequest, 'artifact' | 'source'>;

export function harborRoutes(app: FastifyInstance, parts: HarborParts): void {
  const { login, pulls, reports, sealer, log } = parts;
  void app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
    // Before the body is read. Only who may go on calls `done`.
    scope.addHook('onRequest', ({ headers }, reply, done) => {
      if (isHarbor(headers, login)) return done();
      void sendError(
        reply.code(401).header('www-authenticate', ['Basic realm="Clair"', 'Bearer']),
        'wrong or missing credentials: compare those of the scanner in Harbor with `harbor` of the configuration',
      );
    });

    serve(scope, HARBOR_METADATA, async ({ headers }, reply) => {
      const metadata = metadataOf(await reports.updatedAt());
      const isOld = (headers.accept ?? '').includes('version=1.0');
      return sendAs(reply, isOld ? METADATA_1_0 : METADATA, metadata);
    });

    serve(scope, HARBOR_SCAN, async (request, reply) => {
      const { source, artifact, authorization } = readScanRequest(request.body);
      const id = randomUUID();
      const kept: KeptRequest = { artifact, source };
      await pulls.add({
        key: id,
        source,
        request: JSON.stringify(kept),
        ...(authorization !== '' && { credentials: sealer.seal(authorization, id) }),
      });
      return sendAs(reply.code(202), SCAN_RESPONSE, { id });
    });

    serve(scope, HARBOR_REPORT, async ({ headers }, reply, { params, query }) => {
      const { sbom_media_type: format } = query;
      const type = chooseReportType(headers.accept, format !== undefined);
      if (type === undefined)
        throw new AppError(
          'not-supported',
          `Accept: none of these can be produced. Available: ${REPORT_TYPES.join(', ')}`,
        );
      if (type === SBOM_TYPE) checkFormat(format);
      const scan = await pulls.status(params.scan_request_id);
      if (scan === undefined)
        throw new AppError(
          'not-found',
          `there is no scan ${params.scan_request_id}, or its report has expired`,
        );
      if (scan.state === 'waiting') return notYet(reply);
      const { outcome } = scan;
      if (outcome === undefined) throw new AppError('bad-target', scan.error ?? 'the scan failed');
      if (outcome.images.length === 0) throw new AppError('bad-target', outcome.skipped.join('; '));
      const kept = JSON.parse(scan.request) as KeptRequest;
      reply.header('cache-control', 'no-store');
      if (type === SBOM_TYPE) {
        const sbom = await sbomOf(kept, outcome, format as SbomFormat, parts);
        return sendAs(reply, type, sbom);
      }
      const found = await reportsOf(outcome, reports);
      if (found === 'later') return notYet(reply);
      const { showNotChecked, now } = parts;
      const body =
        type === RAW_TYPE
          ? rawOf(found)
          : harborReport({
              artifact: kept.artifact,
              reports: found,
              skipped: outcome.skipped,
              showNotChecked,
              now: now(),
            });
      return sendAs(reply, type, body);
    });
  });
}

function notYet(reply: FastifyReply): FastifyReply {
  return reply.code(302).header('refresh-after', REFRESH_AFTER).header('cache-control', 'no-store').send();
}

function checkFormat(format: string | undefined): void {
  if (SBOM_FORMATS.some((each) => each === format)) return;
  throw new AppError(
    'bad-request',
    `sbom_media_type: ${format === undefined ? 'missing' : `${JSON.stringify(format)} is unknown`}. Available: ${SBOM_FORMATS.join(', ')}`,
  );
}

/** One image as its report is, several by platform. */
function rawOf(found: readonly ImageReport[]): unknown {
  const [first] = found;
  if (found.length === 1) return first!.report;
  return { images: found.map(({ image, report }) => ({ ...image, report })) };
}

async function reportsOf(
  { images }: PullOutcome,
  reports: ReportSource,
): Promise<readonly ImageReport[] | 'later'> {
  const found: ImageReport[] = [];
  for (const image of images) {
    const body = await reports.report(image.manifest);
    if (body === 'later') return 'later';
    if (body === undefined) throw deleted(image.manifest);
    found.push({ image, report: JSON.parse(body.toString('utf8')) as ReportWire });
  }
  return found;
}

async function sbomOf(
  { artifact, source }: KeptRequest,
  { images }: PullOutcome,
  format: SbomFormat,
  { indexer, ecosystems, now }: HarborParts,
): Promise<object> {
  const [image] = images;
  if (image === undefined || images.length > 1)
    throw new AppError(
      'bad-request',
      `the artifact is an index of ${images.length} images: request the SBOM of each (${images.map(({ manifest }) => manifest).join(', ')})`,
    );
  const json = await indexer.indexReport(image.manifest);
  if (json === undefined) throw deleted(image.manifest);
  const index = JSON.parse(json) as IndexReportWire;
  return sbomReport({ artifact, name: showSource(source), index, format, ecosystems, now: now() });
}

function deleted(manifest: string): AppError {
  return new AppError('not-found', `the index report of ${manifest} was deleted: scan again`);
}

/** Errors in Harbor's form. A scan that failed is 500 there, whatever the reason. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const known = toAppError(error);
  const status = known.code === 'bad-target' ? 500 : ERRORS[known.code].status;
  if (status >= 500 && known.code !== 'bad-target' && known.code !== 'not-supported') {
    const cause = known.cause instanceof Error ? { cause: known.cause.stack } : {};
    log.error('request failed', {
      request_uri: request.url,
      error: known.code,
      reason: known.message,
      ...cause,
    });
  }
  void sendError(reply.removeHeader('connection').code(status), toldOf(known));
}

function sendError(reply: FastifyReply, message: string): FastifyReply {
  return sendAs(reply.header('x-content-type-options', 'nosniff'), ERROR, { error: { message } });
}

/** As bytes: the framework would write the type of a text anew, and its version in quotes, which Harbor does not know. */
function sendAs(reply: FastifyReply, type: string, body: unknown): FastifyReply {
  return reply.header('content-type', type).send(Buffer.from(JSON.stringify(body)));
}
