/** Operations of the console about decisions. Reading needs the right to view, the rest that to triage. */
import { z } from 'zod';
import { operation } from '../../../http/operation.ts';
import {
  DECISION_STATES,
  Decision,
  DecisionChange,
  DecisionHistory,
  DecisionPreview,
  Decisions,
  NewDecision,
  VexDocument,
  VexImport,
  Withdrawal,
} from '../../../model/api/console/decisions.ts';
import { CHANGING, CONSOLE, PAGE, page, sort, view, words } from './parameters.ts';

const tag = 'matcher' as const;
const errors = { 'bad-request': true, forbidden: true } as const;
const ID = {
  id: z
    .string()
    .regex(/^\d{1,18}$/, 'the id of a decision is a number')
    .describe('Of the decision.'),
};
const CHANGED = { ...errors, 'not-found': 'There is no such decision.' } as const;
const CHANGED_OR_OUTDATED = {
  200: { description: 'The decision.', schema: Decision },
  412: { description: 'It was changed by another request: this is its current state.', schema: Decision },
};
const IF_MATCH = { ...CHANGING, 'If-Match': '`"REVISION"` that the change was made from. Required.' };

export const DECISION_SORTS = ['until', 'at', 'cve'] as const;

export const DECISIONS = operation({
  method: 'GET',
  path: `${CONSOLE}/decisions`,
  tag,
  id: 'consoleDecisions',
  summary: 'Decisions about findings. Not in Clair.',
  query: {
    state: z.enum(DECISION_STATES).describe('Only these; default: all but `withdrawn`.').optional(),
    cve: words('Id or alias.'),
    image: words('Digest: those that apply to it.'),
    by: words('Who.'),
    sort: sort(DECISION_SORTS, 'until'),
    ...PAGE,
  },
  ...page(Decisions),
  errors: { ...errors, 'not-acceptable': true },
});

export const DECIDE = operation({
  method: 'POST',
  path: `${CONSOLE}/decisions`,
  tag,
  id: 'consoleDecide',
  summary: 'Decides about findings. Not in Clair.',
  headers: CHANGING,
  body: { schema: NewDecision },
  answers: { 201: { description: 'The decision.', schema: Decision } },
  errors,
});

export const PREVIEW_DECISION = operation({
  method: 'POST',
  path: `${CONSOLE}/decisions/preview`,
  tag,
  id: 'consolePreviewDecision',
  summary: 'How many findings a decision would be about. Nothing is stored. Not in Clair.',
  headers: CHANGING,
  body: { schema: NewDecision },
  answers: { 200: { description: 'The numbers.', schema: DecisionPreview } },
  errors,
});

export const CHANGE_DECISION = operation({
  method: 'PATCH',
  path: `${CONSOLE}/decisions/{id}`,
  tag,
  id: 'consoleChangeDecision',
  summary: 'Changes a decision. Not in Clair.',
  headers: IF_MATCH,
  params: ID,
  body: { schema: DecisionChange },
  answers: CHANGED_OR_OUTDATED,
  errors: CHANGED,
});

export const WITHDRAW_DECISION = operation({
  method: 'POST',
  path: `${CONSOLE}/decisions/{id}/withdraw`,
  tag,
  id: 'consoleWithdrawDecision',
  summary: 'Takes a decision back; its history stays. Not in Clair.',
  headers: IF_MATCH,
  params: ID,
  body: { schema: Withdrawal },
  answers: CHANGED_OR_OUTDATED,
  errors: CHANGED,
});

export const DECISION_HISTORY = operation({
  method: 'GET',
  path: `${CONSOLE}/decisions/{id}/history`,
  tag,
  id: 'consoleDecisionHistory',
  summary: 'Who changed a decision, when and how. Not in Clair.',
  params: ID,
  ...view('The changes.', DecisionHistory),
  errors: CHANGED,
});

export const EXPORT_VEX = operation({
  method: 'GET',
  path: `${CONSOLE}/decisions.openvex.json`,
  tag,
  id: 'consoleExportVex',
  summary: 'Decisions as OpenVEX, for `clairctl scan --vex URL`. Not in Clair.',
  query: { image: words('Digest: those that apply to it; absent: all that hold.') },
  ...view('The document.', VexDocument),
  errors: { ...errors, 'not-found': 'The image is not indexed.' },
});

export const IMPORT_VEX = operation({
  method: 'POST',
  path: `${CONSOLE}/decisions/import`,
  tag,
  id: 'consoleImportVex',
  summary: 'Makes decisions of the statements of a VEX document. Not in Clair.',
  headers: CHANGING,
  body: { schema: VexDocument },
  answers: { 200: { description: 'What was taken, and what was not.', schema: VexImport } },
  errors,
});
