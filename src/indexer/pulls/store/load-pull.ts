/** How a pull is. */
import type { Database } from '../../../db/database.ts';
import type { PullOutcome, PullStatus } from '../pull.ts';

/** Returns undefined if there is none of this key, or nobody asked for its outcome. */
export async function loadPull(db: Database, key: string): Promise<PullStatus | undefined> {
  const [row] = await db.query<{
    request: string;
    outcome: string | null;
    error: string | null;
    ended: string | Date | null;
  }>({
    name: 'load-registry-pull',
    text: 'select request, outcome, error, ended from registry_pull where key = $1 and request is not null',
    values: [key],
  });
  if (row === undefined) return undefined;
  const { request, error, ended } = row;
  const outcome = row.outcome === null ? undefined : (JSON.parse(row.outcome) as PullOutcome);
  return {
    request,
    outcome,
    state: ended === null ? 'waiting' : outcome === undefined ? 'failed' : 'done',
    error: error ?? undefined,
    ended: ended === null ? undefined : new Date(ended),
  };
}
