/** Kinds of values in the API, as zod's schemas: they validate, give the types, and become the OpenAPI document. */
import { z } from 'zod';

/** A text; `more` adds keywords of JSON Schema, which are told and not checked. */
export function text<T extends string = string>(description?: string, more: z.GlobalMeta = {}): z.ZodType<T> {
  const schema = z.string().meta({ ...more, ...(description !== undefined && { description }) });
  return schema as unknown as z.ZodType<T>;
}

/** A text that is one of `values`. */
export function oneOf<const T extends string>(description: string, values: readonly T[]): z.ZodType<T> {
  return z.enum(values).describe(description) as unknown as z.ZodType<T>;
}

export function whole(description: string): z.ZodType<number> {
  return z.int().min(0).describe(description);
}

export function yes(description: string): z.ZodType<boolean> {
  return z.boolean().describe(description);
}

/** RFC 3339, or null. */
export function time(description: string): z.ZodType<string | null> {
  return text(description, { format: 'date-time' }).nullable();
}

export function listOf<T extends z.ZodType>(items: T, description?: string): z.ZodArray<T> {
  const schema = z.array(items);
  return description === undefined ? schema : schema.describe(description);
}

/** An object whose keys are data. */
export function mapOf<T extends z.ZodType>(values: T, description?: string): z.ZodRecord<z.ZodString, T> {
  const schema = z.record(z.string(), values);
  return description === undefined ? schema : schema.describe(description);
}

/** An object about whose members nothing is said. */
export const anyObject = z.unknown().meta({ type: 'object' });
