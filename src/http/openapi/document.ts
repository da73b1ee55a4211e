/** The OpenAPI document of the whole API, made of the operations and schemas. */
import { type JsonSchema, jsonSchemas, refTo, type SchemaName } from '../../model/api/json-schemas.ts';
import type { Operation } from '../operation.ts';
import { type DescribedOperation, describe, type Response } from './describe.ts';

const JSON_TYPE = 'application/json';

export type OpenapiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>> & {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
};

/** OpenAPI 3.1: its schemas are JSON Schema. */
export function openapiDocument(operations: readonly Operation[]): OpenapiDocument {
  const byPath = Map.groupBy(operations.map(describe), ({ path }) => path);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Clair Container Analyzer',
      version: '1.2.0', // of Clair's API, which this is
      description:
        'API of Clair, a scanner for known vulnerabilities in container images, compatible with Clair v4. The indexer extracts packages from manifests, ' +
        'the matcher returns vulnerability reports, the notifier serves notifications. Paths with `internal` are called by other Clair components. Operations marked "Not in Clair" are extensions.',
    },
    tags: ['indexer', 'matcher', 'notifier', 'about'].map((name) => ({ name })),
    paths: Object.fromEntries(
      [...byPath].map(([path, described]) => [
        path,
        Object.fromEntries(described.map((each) => [each.method.toLowerCase(), toOpenapi(each)])),
      ]),
    ),
    components: {
      schemas: jsonSchemas(),
      responses: {
        Unauthorized: {
          description: 'The request has no valid token.',
          headers: headersOf({ 'WWW-Authenticate': '`Bearer`' }),
        },
        Failure: {
          description: 'The request cannot be processed now. The log has details.',
          content: contentOf('Error'),
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'Signed with the shared key, or with a key of the key server, if `auth` is configured.',
        },
      },
    },
    security: [{}, { token: [] }],
  };
}

function toOpenapi({
  tag,
  id,
  summary,
  description,
  parameters,
  body,
  responses,
}: DescribedOperation): unknown {
  return {
    tags: [tag],
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        description: body.description,
        content: contentOf(body.schema),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, toResponse(response)]),
      ),
      401: { $ref: '#/components/responses/Unauthorized' },
      default: { $ref: '#/components/responses/Failure' },
    },
  };
}

function toResponse(response: Response): unknown {
  return {
    description: response.description,
    ...(response.headers !== undefined && { headers: headersOf(response.headers) }),
    ...(response.schema !== undefined && { content: contentOf(response.schema, response.types) }),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): unknown {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function contentOf(schema: SchemaName, types: readonly string[] = [JSON_TYPE]): unknown {
  const media = { schema: refTo(schema) };
  return Object.fromEntries(types.map((type) => [type, media]));
}
