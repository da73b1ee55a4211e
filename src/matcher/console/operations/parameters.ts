/** Parameters that several operations of the console have. */
import { z } from 'zod';
import { IF_NONE_MATCH, NOT_MODIFIED, type Operation } from '../../../http/operation.ts';
import { MAX_LIMIT } from '../../../model/api/console/common.ts';
import { SEVERITIES, type Severity } from '../../../model/severity.ts';

export const CONSOLE = '/matcher/api/v1/console';

/** A text from outside that is looked for. */
export const words = (description: string) => z.string().max(512).describe(description).optional();

export const PAGE = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(50).describe(`1 to ${MAX_LIMIT}; default 50.`),
  after: z.string().max(2048).describe('`next` of the previous page.').optional(),
};

/** A switch: `1` or `true`, `0` or `false`. */
export const flag = (description: string) =>
  z
    .enum(['1', 'true', '0', 'false'])
    .transform((value) => value === '1' || value === 'true')
    .describe(description)
    .optional();

/** One of `keys`, with `-` before it for the opposite order; that is the default of numbers. */
export function sort<const K extends string>(keys: readonly K[], otherwise: K | `-${K}`) {
  const values = keys.flatMap((key) => [key, `-${key}` as const]);
  return z
    .enum(values as [string, ...string[]])
    .default(otherwise)
    .describe(`Default \`${otherwise}\`; \`-\`: from the greatest.`);
}

/** Separated by commas. */
export const severities = z
  .string()
  .max(100)
  .transform((text, context) => {
    const wanted = text.split(',').map((each) => each.trim());
    for (const each of wanted) {
      if (!SEVERITIES.includes(each as Severity))
        context.addIssue({ code: 'custom', message: `"${each}" is none of ${SEVERITIES.join(', ')}` });
    }
    return wanted as Severity[];
  })
  .describe('Severities, separated by commas.')
  .optional();

/** `key=value` or `key:value`: what is counted by label, is counted by one. */
export const oneLabel = z
  .string()
  .min(1)
  .max(700)
  .regex(/^[^,]*$/, 'one label: what is counted is counted by one')
  .transform((text): [string, string] => {
    const at = text.search(/[=:]/);
    return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  })
  .describe('`key:value`: of the images that have this label only. One label.')
  .optional();

/** `key=value` or `key:value`, several separated by commas: all of them have to be there. */
export const label = z
  .string()
  .max(1024)
  .transform((text) =>
    text.split(',').map((pair): [string, string] => {
      const at = pair.search(/[=:]/);
      return at < 0 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  )
  .describe('`key:value`; several separated by commas.')
  .optional();

export const tags = z
  .enum(['newest', 'all'])
  .default('newest')
  .describe(
    '`newest`: the newest image of each repository, and those without a name. `all`: every manifest.',
  );

export const since = z
  .string()
  .regex(/^\d{1,3}[hd]$|^\d{4}-\d{2}-\d{2}(T[\d:.]{5,12}Z)?$/, 'e.g. 1d, 12h or 2026-11-29')
  .describe('A time, or how long ago: `1d`, `12h`, `2026-11-29`.')
  .optional();

export const decided = z
  .enum(['hide', 'show', 'only'])
  .default('hide')
  .describe('What decisions close: `hide`, `show` or `only`.');

export const type = z.string().max(50).describe('Type of the package.').optional();

export const epss = z.coerce.number().min(0).max(1).describe('At least so probable.').optional();

export const fix = z.enum(['yes', 'no']).describe('Whether there is a fix.').optional();

/** JSON, or the same rows as CSV. */
export const LIST_TYPES = ['application/json', 'text/csv'] as const;

/** Filters of the findings of one image. */
export const FINDING_FILTER = {
  package: words('The source package.'),
  cve: words('Id of the vulnerability.'),
  severity: severities,
  fix,
  exploited: flag('In the KEV catalog only.'),
  epss,
  type,
  layer: words('Digest of the layer.'),
  origin: z.enum(['base', 'own']).describe('Of the base image, or not.').optional(),
  decided,
  q: words('Part of a name of the package or vulnerability.'),
};

/** Request headers of what changes something. */
export const CHANGING = { 'Clair-Console': '`1`: required where a browser could be made to send it.' };

/** What every view answers: `serveView` gives 304 to who has it. */
export function view(
  description: string,
  schema: z.ZodType,
  more: Operation['answers'] = {},
): Pick<Operation, 'headers' | 'answers'> {
  return { headers: IF_NONE_MATCH, answers: { 200: { description, schema }, 304: NOT_MODIFIED, ...more } };
}

/** A view that is a list: JSON or CSV. */
export function page(
  schema: z.ZodType,
  more: Operation['answers'] = {},
): Pick<Operation, 'headers' | 'answers'> {
  const found = { description: 'One page.', schema, types: LIST_TYPES };
  return { headers: IF_NONE_MATCH, answers: { 200: found, 304: NOT_MODIFIED, ...more } };
}
