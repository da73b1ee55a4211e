/**
 * For tests: the rules of OpenVEX 0.2.0 for documents, and what a document breaks of them. No package brings the schema of
 * the specification, so they are written down here after its chapters "Document", "Statement" and "Product Data Structure".
 */
import { z } from 'zod';
import { parsePurl } from '../model/purl.ts';

// RFC 3987 §2.2: a scheme, and nothing that an IRI may not have.
const iri = z.string().regex(/^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i);
const time = z.iso.datetime({ offset: true });
const purl = z.string().refine((text) => parsePurl(text) !== undefined, 'is no package URL');

const identifiers = z.strictObject({
  purl: purl.optional(),
  cpe22: z.string().optional(),
  cpe23: z.string().optional(),
});
const hashes = z.partialRecord(
  z.enum([
    'md5',
    'sha1',
    'sha-256',
    'sha-384',
    'sha-512',
    'sha3-256',
    'sha3-512',
    'blake2b-256',
    'blake2b-512',
  ]),
  z.string().regex(/^[0-9a-f]+$/),
);
const known = (component: { '@id'?: unknown; identifiers?: unknown }): boolean =>
  component['@id'] !== undefined || Object.keys(component.identifiers ?? {}).length > 0;
const component = { '@id': iri.optional(), identifiers: identifiers.optional(), hashes: hashes.optional() };
const subcomponent = z.strictObject(component).refine(known, 'is known by nothing');
const product = z
  .strictObject({ ...component, subcomponents: unique(subcomponent).optional() })
  .refine(known, 'is known by nothing');

const text = z.string().min(1);
const said = {
  '@id': iri.optional(),
  version: z.int().min(1).optional(),
  vulnerability: z.strictObject({
    '@id': iri.optional(),
    name: text,
    description: text.optional(),
    aliases: unique(text).optional(),
  }),
  timestamp: time.optional(),
  last_updated: time.optional(),
  // Optional only where a document around this one names it.
  products: unique(product).min(1),
  supplier: text.optional(),
  status_notes: text.optional(),
};
const statement = z.discriminatedUnion('status', [
  z
    .strictObject({
      ...said,
      status: z.literal('not_affected'),
      justification: z
        .enum([
          'component_not_present',
          'vulnerable_code_not_present',
          'vulnerable_code_not_in_execute_path',
          'vulnerable_code_cannot_be_controlled_by_adversary',
          'inline_mitigations_already_exist',
        ])
        .optional(),
      impact_statement: text.optional(),
    })
    .refine((each) => each.justification ?? each.impact_statement, 'says neither why nor what it means'),
  z.strictObject({
    ...said,
    status: z.literal('affected'),
    action_statement: text,
    action_statement_timestamp: time.optional(),
  }),
  z.strictObject({ ...said, status: z.literal('fixed') }),
  z.strictObject({ ...said, status: z.literal('under_investigation') }),
]);

const document = z.strictObject({
  '@context': z.literal('https://openvex.dev/ns/v0.2.0'),
  '@id': iri,
  author: text,
  role: text.optional(),
  timestamp: time,
  last_updated: time.optional(),
  version: z.int().min(1),
  tooling: text.optional(),
  statements: unique(statement),
});

function unique<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .refine(
      (list) => new Set(list.map((each) => JSON.stringify(each))).size === list.length,
      'says it twice',
    );
}

/** What of `value` breaks the rules, a line each. */
export function openVexMistakes(value: unknown): string[] {
  const { error } = document.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
