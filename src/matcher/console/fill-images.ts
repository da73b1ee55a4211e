/** Looks up what is in images that are due: new ones, and those that a feed has changed something for. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Database } from '../../db/database.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { parseDigest } from '../../model/digest.ts';
import type { Matcher } from '../matcher.ts';
import { imageRows } from './image-rows.ts';
import { applyDecisions } from './store/apply-decisions.ts';
import { recounted } from './store/recount.ts';
import { type FilledImage, saveContents } from './store/save-content.ts';

export interface FillParts {
  readonly db: Database;
  readonly matcher: Pick<Matcher, 'inspect'>;
  readonly ecosystems: readonly Ecosystem[];
  readonly now: () => Date;
  readonly log: Log;
}

/** Images that are stored at once. */
const BATCH = 10;
/** ms between two tries, doubled with each, and at most. */
const RETRY = { first: 10_000, most: 3600_000 };

interface DueRow {
  readonly id: number;
  readonly digest: string;
  readonly layers: readonly string[];
  readonly failures: number;
}

/** Fills at most one batch; gives how many images it took. */
export async function fillImages(parts: FillParts, signal: AbortSignal): Promise<number> {
  const { db, matcher, ecosystems, now, log } = parts;
  const due = await db.query<DueRow>({
    name: 'console-due-images',
    text: `
      select id, digest, layers, failures from console_image
      where due <= $1 order by due, id limit ${BATCH}`,
    values: [now()],
  });
  const filled: FilledImage[] = [];
  for (const { id, digest, layers, failures } of due) {
    signal.throwIfAborted();
    try {
      const inspection = await matcher.inspect(parseDigest(digest));
      if (inspection === undefined) await postpone(db, id, null, 0);
      else filled.push({ id, rows: imageRows(inspection, layers, ecosystems, now()) });
    } catch (error) {
      if (signal.aborted) throw error;
      const wait = Math.min(RETRY.most, RETRY.first * 2 ** failures);
      log.warn('findings could not be looked up for the console', { digest, reason: messageOf(error) });
      await postpone(db, id, new Date(now().getTime() + wait), failures + 1);
    }
  }
  if (filled.length > 0) await db.transaction((tx) => saveContents(tx, filled, now()));
  return due.length;
}

async function postpone(db: Database, image: number, due: Date | null, failures: number): Promise<void> {
  await db.query({
    name: 'console-postpone',
    text: 'update console_image set due = $2, failures = $3 where id = $1',
    values: [image, due, failures],
  });
}

const UNDECIDED = 100;

/** Applies decisions to images whose decisions have changed; gives how many it took. */
export async function decideImages({ db, now }: Pick<FillParts, 'db' | 'now'>): Promise<number> {
  const rows = await db.query<{ id: number }>({
    name: 'console-undecided-images',
    text: `select id from console_image where undecided order by id limit ${UNDECIDED}`,
  });
  if (rows.length === 0) return 0;
  const images = rows.map(({ id }) => id);
  await db.transaction((tx) =>
    recounted(tx, images, async () => {
      await applyDecisions(tx, images, now());
      await tx.query({
        name: 'console-decided-images',
        text: 'update console_image set undecided = false where id = any ($1::int[])',
        values: [images],
      });
    }),
  );
  return rows.length;
}

/** Months in which nothing has changed for a package may hide that its name has got a record since: all are looked up now and then. */
const WEEK = 7 * 24 * 3600_000;

export async function markOld(db: Database, now: Date): Promise<void> {
  await db.query({
    name: 'console-mark-old',
    text: `
      update console_image set due = $2
      where id in (
        select id from console_image where matched < $1 and due is null and state = 'IndexFinished' limit 100)`,
    values: [new Date(now.getTime() - WEEK), now],
  });
}
