/** Moves documents to where they are to be kept: from their rows to the store of objects, or back. */
import type { Database } from '../../db/database.ts';
import { AppError, messageOf } from '../../errors.ts';
import { inBackground } from '../../lib/background.ts';
import type { Log } from '../../lib/log.ts';
import type { StoredDocuments } from './documents.ts';
import { each } from './each.ts';
import { SMALLEST } from './object-documents.ts';
import { HELD_TABLES, type HeldTable, loadHeld, replaceHeld } from './store.ts';

const PAGE = 32;

export interface MoveParts {
  readonly db: Database;
  readonly documents: StoredDocuments;
  readonly keepIn: 's3' | 'database';
  readonly log: Log;
}

/**
 * Returns how many have moved; undefined: another replica is at it. What is interrupted goes on with what is still in the wrong
 * place. A document that cannot be read stays as it is, and is told.
 */
export async function moveDocuments(parts: MoveParts, signal: AbortSignal): Promise<number | undefined> {
  await using lock = await parts.db.tryLock('documents-moved');
  if (lock === undefined) return undefined;
  const stop = AbortSignal.any([signal, lock.signal]);
  let moved = 0;
  for (const table of HELD_TABLES) moved += await moveTable(parts, table, stop);
  return moved;
}

async function moveTable(parts: MoveParts, table: HeldTable, signal: AbortSignal): Promise<number> {
  let moved = 0;
  for (let after = table.first; ; ) {
    const page = await inBackground(() => movePage(parts, table, after, signal), signal);
    moved += page.moved;
    if (page.last === undefined) return moved;
    after = page.last;
  }
}

/** Moves the documents of some rows; `last` undefined: there were none. */
async function movePage(
  { db, documents, keepIn, log }: MoveParts,
  table: HeldTable,
  after: readonly unknown[],
  signal: AbortSignal,
): Promise<{ last: readonly unknown[] | undefined; moved: number }> {
  const least = keepIn === 's3' ? SMALLEST : 0;
  const page = await loadHeld(db, table, { after, least, limit: PAGE });
  let moved = 0;
  await each(
    page,
    async (row) => {
      try {
        const held = await documents.write(await documents.read(row.held));
        if (held === row.held) return;
        await replaceHeld(db, table, row, held);
        moved++;
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'document-missing')) throw error;
        log.warn('stored document is missing', { table: table.name, row: row.at, reason: messageOf(error) });
      }
    },
    signal,
  );
  return { last: page.at(-1)?.at, moved };
}
