/** Values that a JSON Schema allows: what a client that means well would send. */
import type { JsonSchema } from '../../../src/model/api/json-schemas.ts';
import type { Random } from '../mutate.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

const WORDS = ['a', 'openssl', '1.2.3-4', 'alpine', 'amd64', '', 'é', '{"ref":"x"}', 'b'.repeat(300)];
const DEEPEST = 6;

/** One of `values`. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)]!;
}

export function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random(16).toString(16)).join('');
}

/** A digest; some of them again and again, so that requests meet what earlier ones left. */
export function digest(random: Random): string {
  return `sha256:${random(2) === 0 ? String(random(10)).repeat(64) : hex(random, 64)}`;
}

export function sample(schema: JsonSchema, schemas: Schemas, random: Random, depth = 0): unknown {
  const {
    $ref,
    anyOf,
    oneOf,
    enum: values,
  } = schema as Record<string, never> & {
    readonly $ref?: string;
    readonly anyOf?: readonly JsonSchema[];
    readonly oneOf?: readonly JsonSchema[];
    readonly enum?: readonly unknown[];
  };
  if ($ref !== undefined) return sample(schemas[$ref.split('/').at(-1)!] ?? {}, schemas, random, depth);
  if (values !== undefined) return pick(random, values);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return sample(pick(random, choices), schemas, random, depth);
  const more = schema as Readonly<Record<string, unknown>>;
  switch (more.type) {
    case 'object': {
      const required = new Set((more.required as readonly string[] | undefined) ?? []);
      const members = Object.entries((more.properties as Schemas | undefined) ?? {}).filter(
        ([name]) => required.has(name) || (depth < DEEPEST && random(2) === 0),
      );
      return Object.fromEntries(
        members.map(([name, member]) => [name, sample(member, schemas, random, depth + 1)]),
      );
    }
    case 'array': {
      const length = depth < DEEPEST ? random(4) : 0;
      return Array.from({ length }, () => sample(more.items as JsonSchema, schemas, random, depth + 1));
    }
    case 'integer':
    case 'number':
      return pick(random, [0, 1, 7, 1000, 2 ** 31]);
    case 'boolean':
      return random(2) === 0;
    case 'null':
      return null;
    default:
      return text(more, random);
  }
}

function text({ pattern, format }: Readonly<Record<string, unknown>>, random: Random): string {
  if (typeof pattern === 'string' && pattern.includes('sha256')) return digest(random);
  if (pattern === '^[0-9]{1,18}$') return String(random(50));
  switch (format) {
    case 'uuid':
      return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
    case 'date-time':
      return '2026-01-02T03:04:05Z';
    case 'uri':
      // Refused at once: what keeps a layer from being fetched is not what this is about.
      return pick(random, [
        'ftp://127.0.0.1/x',
        'http://169.254.169.254/x',
        'http://[fd00:ec2::254]/',
        'x:',
        random(9) === 0 ? 'http://127.0.0.1:1/layer' : 'http:',
      ]);
    default:
      return pick(random, WORDS);
  }
}
