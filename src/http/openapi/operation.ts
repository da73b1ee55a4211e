/** One operation of the API, as data: what the document is made of, and what tests hold answers against. */
import { type JsonSchema, refTo, type SchemaName } from '../../model/api/json-schemas.ts';

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly tag: 'indexer' | 'matcher' | 'notifier' | 'about';
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: SchemaName; readonly description?: string };
  /** By status; 401, and 405 and 5xx with an `Error`, go without saying. */
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
  /** The first is the default. Default: JSON. */
  readonly types?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export const BAD: Response = {
  description: 'The request is malformed; the message says where.',
  schema: 'Error',
};
export const NOT_ACCEPTABLE: Response = {
  description: 'None of the media types is acceptable.',
  schema: 'Error',
};
export const NOT_MODIFIED: Response = { description: 'It is what If-None-Match says that the client has.' };

export const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'ETags that the client has, or `*`.',
  schema: { type: 'string' },
};

export const DIGEST: Parameter = {
  name: 'digest',
  in: 'path',
  description: 'Of the manifest.',
  required: true,
  schema: refTo('Digest'),
};
