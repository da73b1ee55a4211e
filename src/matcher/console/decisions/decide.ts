/** Makes, changes and withdraws decisions. Whatever is done is written down, and takes effect at once where few images are concerned. */

import type { z } from 'zod';
import type { Database, Transaction } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import { checkBody } from '../../../http/json-body.ts';
import { type DecisionChange, NewDecision } from '../../../model/api/console/decisions.ts';
import { applyDecisions, type Draft, imagesOfDraft } from '../store/apply-decisions.ts';
import { recounted } from '../store/recount.ts';
import { findCve, loadCve } from '../views/load-cve.ts';
import { MARK_UNDECIDED } from './expire.ts';
import { type DecisionRow, decisionToWire, loadDecision } from './row.ts';

export type WantedDecision = z.output<typeof NewDecision>;

/** Who decides, and from where. */
export interface Author {
  readonly user: string;
  readonly address: string | null;
}

/** Where a decision is from that nobody has made here. */
export interface Origin {
  /** Digest of the statement. */
  readonly statement: string;
}

/** Decided at once; of more, the upkeep decides in a moment. */
const AT_ONCE = 200;

/** The canonical name of what is decided about. Throws `bad-request` if neither an image nor a feed knows it. */
export async function canonicalName(db: Database | Transaction, asked: string): Promise<string> {
  const name = (await findCve(db, asked))?.name ?? (await loadCve(db, asked))?.id;
  if (name === undefined)
    throw new AppError('bad-request', `cve: no image has "${asked}", and no loaded feed knows it`);
  return name;
}

export function draftOf(cve: string, { package: pkg, scope, until_fix: untilFix }: WantedDecision): Draft {
  const [kind = 'all', value = ''] = Object.entries(scope)[0] ?? [];
  return {
    cve,
    type: pkg?.type ?? null,
    source: pkg?.source ?? null,
    scope: kind as Draft['scope'],
    scopeValue: value,
    untilFix,
  };
}

/** Stores a decision; undefined: that statement is one already. */
export async function decide(
  db: Database,
  wanted: WantedDecision,
  author: Author,
  now: Date,
  origin?: Origin,
): Promise<DecisionRow | undefined> {
  requireFuture(wanted.until, now);
  const draft = draftOf(await canonicalName(db, wanted.cve), wanted);
  return await db.transaction(async (tx) => {
    const about = await imagesOfDraft(tx, draft);
    const [made] = await tx.query<{ id: number }>({
      name: 'console-make-decision',
      text: `
        insert into decision (cve, type, source, scope, scope_value, status, justification, reason, until, until_fix,
          made_by, changed, origin, statement, findings, images)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9::date, $10, $11, $12, $13, $14, $15, $16)
        on conflict (statement) where statement is not null and not withdrawn do nothing
        returning id`,
      values: [
        ...[
          draft.cve,
          draft.type,
          draft.source,
          draft.scope,
          draft.scopeValue,
          wanted.status,
          wanted.justification,
        ],
        ...[wanted.reason, wanted.until, wanted.until_fix, author.user, now],
        ...[origin === undefined ? 'console' : 'vex', origin?.statement ?? null],
        ...[about.reduce((sum, { findings }) => sum + findings, 0), about.length],
      ],
    });
    if (made === undefined) return undefined;
    const row = (await loadDecision(tx, String(made.id), now))!;
    await writeDown(tx, row, undefined, origin === undefined ? 'made' : 'imported', author, now);
    await takeEffect(
      tx,
      row,
      about.map(({ image }) => image),
      now,
    );
    return row;
  });
}

export type Changed =
  | { readonly kind: 'changed'; readonly row: DecisionRow }
  /** Somebody else has changed it. */
  | { readonly kind: 'outdated'; readonly row: DecisionRow };

/** `change` undefined: it is withdrawn, for `reason`. Throws `not-found`, or `bad-request` for what cannot be. */
export async function changeDecision(
  db: Database,
  id: string,
  {
    revision,
    change,
    reason,
  }: { revision: number; change?: z.output<typeof DecisionChange>; reason?: string },
  author: Author,
  now: Date,
): Promise<Changed> {
  return await db.transaction(async (tx): Promise<Changed> => {
    const before = await loadDecision(tx, id, now, true);
    if (before === undefined) throw new AppError('not-found', `there is no decision ${id}`);
    if (before.revision !== revision) return { kind: 'outdated', row: before };
    if (before.state === 'withdrawn')
      throw new AppError('bad-request', `decision ${id} is withdrawn: make another one`);
    const wanted = change === undefined ? undefined : merged(before, change);
    if (change?.until) requireFuture(change.until, now);
    await tx.query({
      name: 'console-change-decision',
      text: `
        update decision set revision = revision + 1, status = $2, justification = $3, reason = $4, until = $5::date,
          until_fix = $6, made_by = $7, changed = $8, withdrawn = $9, expired = false
        where id = $1`,
      values: [
        before.id,
        wanted?.status ?? before.status,
        wanted === undefined ? before.justification : wanted.justification,
        wanted?.reason ?? reason ?? before.reason,
        wanted === undefined ? before.until : wanted.until,
        wanted?.until_fix ?? before.until_fix,
        author.user,
        now,
        change === undefined,
      ],
    });
    const row = (await loadDecision(tx, id, now))!;
    await writeDown(tx, row, before, change === undefined ? 'withdrawn' : 'changed', author, now);
    const images = await tx.query<{ image: number }>({
      name: 'console-images-of-decision',
      text: 'select distinct image from console_decided where decision = $1',
      values: [row.id],
    });
    const { cve, type, source, scope, scope_value: scopeValue, until_fix: untilFix } = row;
    const about = await imagesOfDraft(tx, { cve, type, source, scope, scopeValue, untilFix });
    await takeEffect(tx, row, [...new Set([...images, ...about].map(({ image }) => image))], now);
    return { kind: 'changed', row: (await loadDecision(tx, id, now))! };
  });
}

/** The decision with its change. Throws `bad-request` if that is none that can be made. */
function merged(before: DecisionRow, change: z.output<typeof DecisionChange>): WantedDecision {
  const { cve, package: pkg, scope } = decisionToWire(before);
  const status = change.status ?? before.status;
  return checkBody(NewDecision, {
    ...{ cve, package: pkg, scope, status },
    // It is of the status: with another one it goes.
    justification:
      change.justification === undefined
        ? status === 'not_affected'
          ? before.justification
          : null
        : change.justification,
    reason: change.reason ?? before.reason,
    until: change.until === undefined ? before.until : change.until,
    until_fix: change.until_fix ?? before.until_fix,
  });
}

function requireFuture(until: string | null, now: Date): void {
  if (until === null) return;
  if (Number.isNaN(Date.parse(until))) throw new AppError('bad-request', `until: "${until}" is no day`);
  if (until < now.toISOString().slice(0, 10)) throw new AppError('bad-request', `until: ${until} is over`);
}

async function writeDown(
  tx: Transaction,
  after: DecisionRow,
  before: DecisionRow | undefined,
  action: 'made' | 'changed' | 'withdrawn' | 'imported',
  { user, address }: Author,
  now: Date,
): Promise<void> {
  await tx.query({
    name: 'console-write-down',
    text: `
      insert into decision_event (decision, revision, action, made_by, address, at, before, after)
      values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb)`,
    values: [
      ...[after.id, after.revision, action, user, address, now],
      before === undefined ? null : JSON.stringify(decisionToWire(before)),
      JSON.stringify(decisionToWire(after)),
    ],
  });
}

async function takeEffect(
  tx: Transaction,
  { id, cve }: DecisionRow,
  images: readonly number[],
  now: Date,
): Promise<void> {
  if (images.length > AT_ONCE) {
    await tx.query({ name: 'console-mark-undecided', text: MARK_UNDECIDED, values: [[cve], [id]] });
    return;
  }
  await recounted(tx, images, () => applyDecisions(tx, images, now));
}
