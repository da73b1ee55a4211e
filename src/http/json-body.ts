/** JSON bodies of requests. */
import type { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { schemaIssues } from '../lib/schema-issues.ts';

/** Returns the parsed body; '' is no JSON. Throws `bad-request`, whose message starts with `what`. */
export function parseBody(body: unknown, what = 'body'): unknown {
  try {
    return JSON.parse(String(body ?? ''));
  } catch (cause) {
    throw new AppError('bad-request', `${what}: not valid JSON: ${messageOf(cause)}`, { cause });
  }
}

/** Returns the body as `schema` reads it. Throws `bad-request`, whose message starts with `what`. */
export function readBody<T extends z.ZodType>(schema: T, body: unknown, what = 'body'): z.output<T> {
  return checkBody(schema, parseBody(body, what), what);
}

/** Returns the same for a body that may be empty; undefined if it is. */
export function readOptionalBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> | undefined {
  const text = String(body ?? '');
  return text.trim() === '' ? undefined : readBody(schema, text);
}

/** Returns parsed JSON as `schema` reads it. Throws `bad-request`, whose message starts with `what`. */
export function checkBody<T extends z.ZodType>(schema: T, json: unknown, what = 'body'): z.output<T> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw new AppError('bad-request', `${what}: ${schemaIssues(read.error)}`, { cause: read.error });
}
