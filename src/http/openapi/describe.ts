/** An operation as the document has it: its parameters in one list, and every status that it can answer with. */
import type { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import { ApiError } from '../../model/api/index-report.ts';
import { type JsonSchema, jsonSchemaOf, nameOf, type SchemaName } from '../../model/api/json-schemas.ts';
import type { Operation, Parameters } from '../operation.ts';
import { RETRY_AFTER } from '../retry-after.ts';

export interface DescribedOperation
  extends Pick<Operation, 'method' | 'path' | 'tag' | 'id' | 'summary' | 'description'> {
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly schema: SchemaName; readonly description: string };
  readonly responses: Readonly<Record<number, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required?: true;
  readonly schema: JsonSchema;
}

export interface Response {
  readonly description: string;
  /** Name of its schema; absent: it has no content. */
  readonly schema?: SchemaName;
  readonly types?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const CODINGS = 'Supports the Content-Encoding gzip, zstd and deflate.';

/** What every operation that reads a body can meet. */
const BODY_ERRORS = { 'too-large': true, 'unsupported-encoding': true } as const;

export function describe(operation: Operation): DescribedOperation {
  const { method, path, tag, id, summary, description, params, query, headers = {}, body } = operation;
  const errors = { ...(body && BODY_ERRORS), ...operation.errors };
  return {
    method,
    path,
    tag,
    id,
    summary,
    ...(description !== undefined && { description }),
    parameters: [
      ...parametersIn('path', params),
      ...parametersIn('query', query),
      ...Object.entries(headers).map(
        ([name, text]): Parameter => ({
          name,
          in: 'header',
          description: text,
          schema: { type: 'string' },
        }),
      ),
    ],
    ...(body && {
      body: {
        schema: nameOf(body.schema),
        description: body.description === undefined ? CODINGS : `${body.description} ${CODINGS}`,
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, { schema, ...answer }]) => [
          status,
          { ...answer, ...(schema && { schema: nameOf(schema) }) },
        ]),
      ),
      ...failures(Object.entries(errors) as [ErrorCode, string | true][]),
    },
  };
}

function parametersIn(place: 'path' | 'query', schemas: Parameters = {}): Parameter[] {
  return Object.entries(schemas).map(([name, schema]) => {
    const { schema: json, description } = withoutDescription(schema);
    const isRequired = place === 'path' || !isOptional(schema);
    return { name, in: place, description, ...(isRequired && { required: true as const }), schema: json };
  });
}

function withoutDescription(schema: z.ZodType): { schema: JsonSchema; description: string } {
  const { description = '', ...rest } = jsonSchemaOf(schema);
  return { schema: rest, description: String(schema.meta()?.description ?? description) };
}

function isOptional(schema: z.ZodType): boolean {
  return schema._zod.optin !== undefined;
}

/** By status: the words of all codes that have it. */
function failures(errors: readonly (readonly [ErrorCode, string | true])[]): Record<number, Response> {
  const byStatus = Map.groupBy(errors, ([code]) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map(([code, words]) => (words === true ? ERRORS[code].help : words)).join(' '),
        schema: nameOf(ApiError),
        ...(RETRY_AFTER[status] !== undefined && {
          headers: { 'Retry-After': 'Seconds after which to ask again.' },
        }),
      },
    ]),
  );
}
