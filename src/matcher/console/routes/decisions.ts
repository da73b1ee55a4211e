/** `console/decisions`: triage. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../../errors.ts';
import { readBody } from '../../../http/json-body.ts';
import { DecisionChange, NewDecision, Withdrawal } from '../../../model/api/console/decisions.ts';
import type { Caller } from '../access.ts';
import type { ConsoleContext } from '../context.ts';
import { type Author, canonicalName, changeDecision, decide, draftOf } from '../decisions/decide.ts';
import { exportVex } from '../decisions/export-vex.ts';
import { importVex } from '../decisions/import-vex.ts';
import { DECISION_KEYS, decisionHistory, listDecisions } from '../decisions/list.ts';
import { type DecisionRow, decisionColumns, decisionToWire } from '../decisions/row.ts';
import {
  CHANGE_DECISION,
  DECIDE,
  DECISION_HISTORY,
  DECISIONS,
  EXPORT_VEX,
  IMPORT_VEX,
  PREVIEW_DECISION,
  WITHDRAW_DECISION,
} from '../operations/decisions.ts';
import { readCursor, sortingOf } from '../paging.ts';
import { type ConsoleAnswer, serveChange, serveView } from '../serve-console.ts';
import { imagesOfDraft } from '../store/apply-decisions.ts';

export function consoleDecisionRoutes(app: FastifyInstance, { db, now, callerOf }: ConsoleContext): void {
  const authorOf = (request: FastifyRequest, { user }: Caller): Author => ({ user, address: request.ip });

  serveView(app, DECISIONS, callerOf, async ({ query: { sort, limit, after, ...filter } }) => {
    const page = { limit, after: readCursor(after), now: now() };
    const body = await listDecisions(db, filter, sortingOf(sort, DECISION_KEYS), page);
    const rows = body.decisions.map(({ package: pkg, ...row }) => ({
      ...row,
      type: pkg?.type,
      source: pkg?.source,
    }));
    return { body, rows, next: body.next };
  });

  serveView(app, DECISION_HISTORY, callerOf, async ({ params }) => ({
    body: await decisionHistory(db, params.id),
  }));

  serveView(app, EXPORT_VEX, callerOf, async ({ query }) => ({
    body: await exportVex(db, query.image, now()),
  }));

  serveChange(app, DECIDE, 'triage', callerOf, async ({ request, caller }) => {
    const wanted = readBody(NewDecision, request.body);
    const row = await decide(db, wanted, authorOf(request, caller), now());
    return { body: decisionToWire(row!), status: 201 };
  });

  serveChange(app, PREVIEW_DECISION, 'triage', callerOf, async ({ request }) => {
    const wanted = readBody(NewDecision, request.body);
    const cve = await canonicalName(db, wanted.cve);
    const draft = draftOf(cve, wanted);
    const about = await imagesOfDraft(db, draft);
    const replaces = await db.query<DecisionRow>({
      name: 'console-same-decisions',
      text: `
        select ${decisionColumns('$1')} from decision d
        where not d.withdrawn and d.cve = $2 and (d.type, d.source) is not distinct from ($3::text, $4::text)
          and (d.scope, d.scope_value) = ($5, $6)
        order by d.changed desc limit 20`,
      values: [now(), cve, draft.type, draft.source, draft.scope, draft.scopeValue],
    });
    const findings = about.reduce((sum, each) => sum + each.findings, 0);
    return { body: { cve, findings, images: about.length, replaces: replaces.map(decisionToWire) } };
  });

  serveChange(app, CHANGE_DECISION, 'triage', callerOf, async ({ request, params, caller }) => {
    const asked = { revision: revisionOf(request), change: readBody(DecisionChange, request.body) };
    return answerOf(await changeDecision(db, params.id, asked, authorOf(request, caller), now()));
  });

  serveChange(app, WITHDRAW_DECISION, 'triage', callerOf, async ({ request, params, caller }) => {
    const { reason } = readBody(Withdrawal, request.body);
    const asked = { revision: revisionOf(request), reason };
    return answerOf(await changeDecision(db, params.id, asked, authorOf(request, caller), now()));
  });

  serveChange(app, IMPORT_VEX, 'triage', callerOf, async ({ request, caller }) => ({
    body: await importVex(db, String(request.body ?? ''), authorOf(request, caller), now()),
  }));
}

function answerOf({ kind, row }: Awaited<ReturnType<typeof changeDecision>>): ConsoleAnswer {
  return { body: decisionToWire(row), status: kind === 'outdated' ? 412 : 200 };
}

/** Of what the change was made from. Throws `bad-request`. */
function revisionOf({ headers }: FastifyRequest): number {
  const revision = /^(?:W\/)?"(\d{1,9})"$/.exec(String(headers['if-match'] ?? ''))?.[1];
  if (revision === undefined)
    throw new AppError('bad-request', 'If-Match must name the revision that was changed: "REVISION"');
  return Number(revision);
}
