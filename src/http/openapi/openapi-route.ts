/** `/openapi/v1`: the description of the API, in JSON or YAML. */
import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import { OpenapiAnswer } from '../../model/api/notifications.ts';
import { isFresh } from '../negotiate.ts';
import { IF_NONE_MATCH, NOT_MODIFIED, type Operation, operation } from '../operation.ts';
import { serve } from '../serve.ts';
import { openapiDocument } from './document.ts';

export const OPENAPI = operation({
  method: 'GET',
  path: '/openapi/v1',
  tag: 'about',
  id: 'openapi',
  summary: 'This document.',
  headers: IF_NONE_MATCH,
  answers: {
    200: {
      description: 'The document, in JSON or YAML.',
      schema: OpenapiAnswer,
      types: [
        'application/openapi+json',
        'application/openapi+yaml',
        'application/json',
        'application/yaml',
        'application/vnd.oai.openapi+json',
        'application/vnd.oai.openapi+yaml',
      ],
      headers: { ETag: 'Changes with the document.' },
    },
    304: NOT_MODIFIED,
  },
  errors: { 'not-acceptable': true },
});

/** The document of `operations` as YAML. */
export function openapiYaml(operations: readonly Operation[]): string {
  return stringify(openapiDocument(operations), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** Serves the document of `operations`. */
export function openapiRoutes(app: FastifyInstance, operations: readonly Operation[]): void {
  let made: { readonly json: Buffer; readonly etag: string } | undefined;
  let yaml: Buffer | undefined;
  // At the first question: nobody waits for it at start.
  const document = () => {
    const json = made?.json ?? Buffer.from(JSON.stringify(openapiDocument(operations)));
    made ??= { json, etag: `W/"${hash('sha256', json)}"` };
    return made;
  };

  serve(app, OPENAPI, async (request, reply, input) => {
    const { json, etag } = document();
    const { type } = input;
    // Weak: of JSON and YAML alike.
    reply.header('etag', etag);
    // differs: a client that has it gets 304; Clair sends an ETag and never reads it (clair-service.md#routes)
    if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
    if (type.endsWith('json')) return reply.type(type).send(json);
    yaml ??= Buffer.from(openapiYaml(operations));
    return reply.type(type).send(yaml);
  });
}
