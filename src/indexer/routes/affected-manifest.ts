/** `affected_manifest`: which manifests vulnerabilities affect. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors.ts';
import { goneSignal } from '../../http/gone-signal.ts';
import { operation } from '../../http/operation.ts';
import { redirectToSlash } from '../../http/route.ts';
import { serve } from '../../http/serve.ts';
import { VulnerabilitiesBody } from '../../model/api/index-report.ts';
import { AffectedManifestsAnswer } from '../../model/api/vulnerability-report.ts';
import type { Indexer } from '../indexer.ts';

const PATH = '/indexer/api/v1/internal/affected_manifest';

export const AFFECTED_MANIFESTS = operation({
  method: 'POST',
  path: `${PATH}/`,
  tag: 'indexer',
  id: 'affectedManifests',
  summary: 'Manifests that vulnerabilities affect.',
  body: { schema: VulnerabilitiesBody },
  answers: {
    200: {
      description: 'The affected manifests.',
      schema: AffectedManifestsAnswer,
      types: ['application/vnd.clair.affected_manifests.v1+json', 'application/json'],
    },
  },
  errors: { 'bad-request': true, 'not-acceptable': true },
});

/** `POST affected_manifest/` of `{"vulnerabilities": [Vulnerability…]}`. */
export function affectedManifestRoutes(
  app: FastifyInstance,
  indexer: Pick<Indexer, 'affectedManifests'>,
  stopping: AbortSignal,
): void {
  redirectToSlash(app, PATH);
  serve(app, AFFECTED_MANIFESTS, async (request, reply, { type }) => {
    const vulnerabilities = readVulnerabilities(request.body);
    const signal = AbortSignal.any([goneSignal(reply), stopping]);
    const affected = await indexer.affectedManifests(vulnerabilities, signal);
    return reply.type(type).send(JSON.stringify(affected));
  });
}

function readVulnerabilities(body: unknown): readonly unknown[] {
  const parsed = VulnerabilitiesBody.nullable().safeParse(readJson(body));
  if (!parsed.success) {
    throw new AppError(
      'bad-request',
      `failed to deserialize vulnerabilities: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data?.vulnerabilities ?? [];
}

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (error) {
    throw new AppError('bad-request', `failed to deserialize vulnerabilities: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
