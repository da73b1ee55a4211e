/** Decisions about findings (triage), and who may make them. */
import { z } from 'zod';
import { listOf, mapOf, oneOf, text, time, whole, yes } from '../schema.ts';
import { next, Total } from './common.ts';

export const DECISION_STATUSES = ['affected', 'accepted', 'not_affected', 'under_investigation'] as const;
/** OpenVEX's. */
export const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
export const DECISION_STATES = ['holding', 'expiring', 'expired', 'unused', 'withdrawn'] as const;

const bounded = (most: number) => z.string().trim().min(1).max(most);
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date, e.g. 2027-02-28')
  .meta({ format: 'date', description: 'The last day on which it holds.' });

export const Scope = z
  .strictObject({
    image: z
      .string()
      .regex(/^sha(256|512):[0-9a-f]{64,128}$/)
      .optional()
      .describe('One image, by digest.'),
    repository: bounded(512).optional().describe('The images in a repository, regardless of the tag.'),
    label: z
      .string()
      .regex(/^[^=]{1,100}=[^=]{0,411}$/, 'key=value')
      .optional()
      .describe('The images with this label.'),
  })
  .refine((scope) => Object.keys(scope).length <= 1, 'one of image, repository and label')
  .describe('Empty: all images.');

const decided = {
  cve: bounded(200).describe('Id of the vulnerability, or one of its aliases.'),
  package: z
    .strictObject({ type: bounded(50), source: bounded(512) })
    .nullable()
    .default(null)
    .describe('null: every package.'),
  scope: Scope.default({}),
  status: z.enum(DECISION_STATUSES).describe('`affected`: will be fixed. `accepted`: needs `until`.'),
  justification: z
    .enum(JUSTIFICATIONS)
    .nullable()
    .default(null)
    .describe('Required for `not_affected`, and only there.'),
  reason: bounded(4000).describe('Why, for people.'),
  until: day.nullable().default(null),
  until_fix: z.boolean().default(false).describe('It ends as soon as there is a fix.'),
};

export const NewDecision = z.strictObject(decided).superRefine((value, context) => {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (value.status === 'not_affected' && value.justification === null)
    refuse('justification', `required for not_affected: one of ${JUSTIFICATIONS.join(', ')}`);
  if (value.status !== 'not_affected' && value.justification !== null)
    refuse('justification', 'only for not_affected');
  if (value.status === 'accepted' && value.until === null && !value.until_fix)
    refuse('until', 'required for accepted: a date, or until_fix');
});

export const DecisionChange = z
  .strictObject({
    status: decided.status.optional(),
    justification: z.enum(JUSTIFICATIONS).nullable().optional(),
    reason: decided.reason.optional(),
    until: day.nullable().optional(),
    until_fix: z.boolean().optional(),
  })
  .describe('What is absent stays. What it is about cannot be changed: withdraw it, and make another one.');

export const Withdrawal = z.strictObject({ reason: bounded(4000) });

export const Decision = z.object({
  id: text('Its number.'),
  revision: whole('Grows with every change; quoted it is the ETag.'),
  cve: text('Canonical id.'),
  package: z.object({ type: text(), source: text() }).nullable(),
  scope: z.object({
    image: text().exactOptional(),
    repository: text().exactOptional(),
    label: text().exactOptional(),
  }),
  status: oneOf('What was decided.', DECISION_STATUSES),
  justification: oneOf('Why it is not affected.', JUSTIFICATIONS).nullable(),
  reason: text(),
  until: text('The last day on which it holds.', { format: 'date' }).nullable(),
  until_fix: yes('Whether it ends as soon as there is a fix.'),
  by: text('Who.'),
  at: time('When it was last changed.'),
  source: oneOf('`vex`: imported.', ['console', 'vex']),
  state: oneOf('`expiring`: within 7 days. `unused`: fits no finding.', DECISION_STATES),
  findings: whole('That it is about now.'),
  images: whole('That it is about now.'),
});

/** A decision at a finding. */
export const Applied = z.object({
  id: text('Of the decision.'),
  status: oneOf('What was decided.', DECISION_STATUSES),
  justification: oneOf('Why it is not affected.', JUSTIFICATIONS).nullable(),
  reason: text(),
  until: text('The last day.', { format: 'date' }).nullable(),
  by: text(),
  at: time('When.'),
});

export const Decisions = z.object({
  total: Total,
  next,
  counts: mapOf(z.int().min(0), 'By state.'),
  decisions: listOf(Decision),
});

export const DecisionPreview = z.object({
  cve: text('Canonical id.'),
  findings: whole('That it would be about.'),
  images: whole('That it would be about.'),
  replaces: listOf(Decision, 'Decisions about the same with the same scope, at most 20.'),
});

export const DecisionHistory = z.object({
  changes: listOf(
    z.object({
      revision: whole('After it.'),
      action: oneOf('What was done.', ['made', 'changed', 'withdrawn', 'imported']),
      by: text(),
      at: time('When.'),
      from: text('Address that it came from.').nullable(),
      before: z.unknown().nullable().describe('The decision before; null: there was none.'),
      after: z.unknown().describe('The decision after.'),
    }),
    'The newest first.',
  ),
});

export const VexDocument = z.unknown().meta({
  type: 'object',
  description: 'OpenVEX, CSAF VEX or CycloneDX VEX.',
});

export const VexImport = z.object({
  made: whole('Decisions.'),
  known: whole('Statements that were decisions before.'),
  refused: listOf(
    z.object({ statement: text('Which.'), reason: text('Why not.') }),
    'What was not taken, at most 1000.',
  ),
  refused_count: whole('In all.'),
});

export const Session = z.object({
  user: text('Who is asking.'),
  roles: listOf(oneOf('A right.', ['view', 'triage', 'operate'])),
  auth: oneOf('How that is known.', ['none', 'token', 'proxy']),
  triage: oneOf('Whether decisions change the reports of the API.', ['show', 'apply']),
});
