/** `match_report`: what affects an image that somebody else has indexed. Not Clair's: docs/reference/clairctl.md. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { checkBody, parseBody } from '../../http/json-body.ts';
import { operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import type { Slots } from '../../http/slots.ts';
import { IndexReportBody } from '../../model/api/index-report.ts';
import { VulnerabilityReport } from '../../model/api/vulnerability-report.ts';
import { parseDigest } from '../../model/digest.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Matcher } from '../matcher.ts';
import { LATER, later } from './later.ts';

/** Packages of an image: ten times as many as the biggest are known to have. */
const MAX_PACKAGES = 100_000;

const Packages = z.record(z.string(), z.unknown()).nullable();
const IndexReport = z.looseObject({
  manifest_hash: z.string(),
  state: z.string(),
  success: z.boolean(),
  packages: Packages,
});

export const MATCH_REPORT = operation({
  method: 'POST',
  path: '/matcher/api/v1/match_report',
  tag: 'matcher',
  id: 'matchReport',
  summary: 'The vulnerability report of a submitted index report, which is not stored. Not in Clair.',
  body: { schema: IndexReportBody },
  answers: {
    200: {
      description: 'The report.',
      schema: VulnerabilityReport,
      types: ['application/vnd.clair.vulnerability_report.v1+json'],
    },
    202: LATER,
  },
  errors: {
    'bad-request': true,
    'too-many-requests': 'As many reports as may be are being made. Retry after the time in Retry-After.',
  },
});

/** `POST match_report` with an IndexReport: its VulnerabilityReport; 202 until the feeds that it needs were loaded once. Nothing is stored. */
export function matchReportRoutes(
  app: FastifyInstance,
  matcher: Pick<Matcher, 'matchReport' | 'initialized'>,
  slots: Pick<Slots, 'take'>,
): void {
  serve(app, MATCH_REPORT, async (request, reply, { type }) => {
    const report = readIndexReport(request.body);
    using _slot = slots.take();
    if (!(await matcher.initialized())) return later(reply);
    const { body, loading } = await matcher.matchReport(report);
    if (loading) return later(reply);
    return reply.type(type).header('cache-control', 'no-store').send(body);
  });
}

/** Throws `bad-request` unless it is the report of an image that was indexed to the end. */
function readIndexReport(body: unknown): IndexReportWire {
  const json = parseBody(body);
  const { manifest_hash, state, success, packages } = checkBody(
    IndexReport,
    json,
    'body: not an index report',
  );
  parseDigest(manifest_hash);
  if (!success || state !== 'IndexFinished')
    throw new AppError(
      'bad-request',
      'body: the index report is of an image that was not indexed completely',
    );
  if (Object.keys(packages ?? {}).length > MAX_PACKAGES)
    throw new AppError('bad-request', `body: more than ${MAX_PACKAGES} packages`);
  return json as IndexReportWire;
}
