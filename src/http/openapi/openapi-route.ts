/** `/openapi/v1`: the description of the API, in JSON or YAML. */
import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import { vary } from '../compress.ts';
import { isFresh, negotiate } from '../negotiate.ts';
import { route } from '../route.ts';
import { openapiDocument } from './document.ts';
import { DOCUMENT_TYPES } from './operations-matcher.ts';

/** The document as YAML. */
export function openapiYaml(): string {
  return stringify(openapiDocument(), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** Serves it. */
export function openapiRoutes(app: FastifyInstance): void {
  let made: { readonly json: Buffer; readonly etag: string } | undefined;
  let yaml: Buffer | undefined;
  // At the first question: nobody waits for it at start.
  const document = () => {
    const json = made?.json ?? Buffer.from(JSON.stringify(openapiDocument()));
    made ??= { json, etag: `W/"${hash('sha256', json)}"` };
    return made;
  };

  route(app, '/openapi/v1', {
    async GET(request, reply) {
      vary(reply, 'Accept');
      const { json, etag } = document();
      const type = negotiate(request.headers.accept, ...DOCUMENT_TYPES);
      // Weak: of JSON and YAML alike.
      reply.header('etag', etag);
      // differs: who has it gets 304; Clair sends an ETag and never looks at it (clair-service.md#routes)
      if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
      if (type.endsWith('json')) return reply.type(type).send(json);
      yaml ??= Buffer.from(openapiYaml());
      return reply.type(type).send(yaml);
    },
  });
}
