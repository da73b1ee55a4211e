/** JSON Schema (2020-12), as far as the API needs it, with little to write. */

export type Schema = Readonly<Record<string, unknown>>;

/** A text; `more` adds keywords. */
export function text(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, ...more };
}

export function whole(description: string): Schema {
  return { type: 'integer', minimum: 0, description };
}

export function yes(description: string): Schema {
  return { type: 'boolean', description };
}

export function listOf(items: Schema, description?: string): Schema {
  return { type: 'array', items, ...(description !== undefined && { description }) };
}

/** An object whose keys are data. */
export function mapOf(values: Schema, description?: string): Schema {
  return {
    type: 'object',
    additionalProperties: values,
    ...(description !== undefined && { description }),
  };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** Members are there always, unless their names are among `optional`. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
  };
}

/** One of the schemas of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
