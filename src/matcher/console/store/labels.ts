/**
 * The labels that are counted. They are bounded by key: a label that says another thing of each image, such as a commit, would
 * need as much room again as all findings have.
 */
import type { Database, Session, Transaction } from '../../../db/database.ts';
import { labelContributions, updateLabels } from './count-labels.ts';
import { addContributions, changedOf, type Deltas } from './deltas.ts';
import { lockCounts } from './recount.ts';
import { arrayOf } from './save-content.ts';

/** Values of one key. */
export const MAX_VALUES = 1000;
/** ms between two times that all labels are counted again. */
const AGAIN = 3600_000;

/** Stores those of `labels` that are not there yet, before an image gets them. */
export async function saveLabels(
  tx: Session,
  labels: Readonly<Record<string, string>>,
  now: Date,
): Promise<void> {
  const pairs = Object.entries(labels);
  if (pairs.length === 0) return;
  await tx.query({
    name: 'console-save-labels',
    text: `
      insert into console_label (key, value, counted)
      select n.key, n.value,
        -- Refused before, and an image has it: all of them are to be counted.
        case when not exists (select from console_image i where i.labels @> jsonb_build_object(n.key, n.value)) then $3::timestamptz end
      from unnest($1::text[], $2::text[]) as n (key, value)
      where not exists (select from console_label k where k.key = n.key and k.value = n.value)
        and (select count(*) from (select from console_label k where k.key = n.key limit ${MAX_VALUES}) known) < ${MAX_VALUES}
      on conflict do nothing`,
    values: [pairs.map(([key]) => key), pairs.map(([, value]) => value), now],
  });
}

/**
 * A release that knows no labels, which runs beside this one during an upgrade, changes images and not these counts: then all
 * labels are counted again.
 */
async function noticeStrays(db: Database, now: Date): Promise<void> {
  await db.query({
    name: 'console-notice-strays',
    text: `
      update console_state set labels_revision = revision, strayed = $1
      where labels_revision <> revision and (strayed is null or strayed <= $2)`,
    values: [now, new Date(now.getTime() - AGAIN)],
  });
}

/** Counts a label that never was, or not since its counts have strayed; false: there is none. */
export async function recountLabel(db: Database, now: Date): Promise<boolean> {
  await noticeStrays(db, now);
  const [label] = await db.query<{ id: number; key: string; value: string }>({
    name: 'console-label-to-count',
    text: `
      select id, key, value from console_label
      where counted is null or counted < (select strayed from console_state) order by counted nulls first, id limit 1`,
  });
  if (label === undefined) return false;
  await db.transaction((tx) => recount(tx, label, now));
  return true;
}

async function recount(
  tx: Transaction,
  { id, key, value }: { readonly id: number; readonly key: string; readonly value: string },
  now: Date,
): Promise<void> {
  await lockCounts(tx);
  for (const table of ['console_label_cve', 'console_label_unit'])
    await tx.query({ text: `delete from ${table} where label = $1`, values: [id] });
  await tx.query({
    name: 'console-start-label',
    text: 'update console_label set images = 0, images_all = 0, counted = $2 where id = $1',
    values: [id, now],
  });
  const images = await tx.query<{ id: number }>({
    name: 'console-images-of-label',
    text: 'select id from console_image where labels @> jsonb_build_object($1::text, $2::text)',
    values: [key, value],
  });
  const deltas: Deltas = new Map();
  const ids = arrayOf(images.map((image) => image.id));
  addContributions(deltas, await labelContributions(tx, ids, id), 1);
  await updateLabels(tx, changedOf(deltas));
}

/** Deletes labels that no image has any more. */
export async function deleteUnusedLabels(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await lockCounts(tx);
    await tx.query({
      name: 'console-delete-unused-labels',
      text: 'delete from console_label where images_all <= 0 and counted is not null',
    });
  });
}
