/** The feeds as they were at an earlier time, as far as their runs are kept. */
import type { Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { loadRunsAt } from '../store/runs-at.ts';
import type { Snapshot } from '../store/update-diff.ts';

/** The runs of `feeds` at that time. Throws `not-found` if those of one are not kept: half a state would look like a good one. */
export async function stateAt(db: Session, feeds: readonly string[], at: Date): Promise<Snapshot[]> {
  const runs = await loadRunsAt(db, feeds, at);
  const missing = runs.filter(({ run, oldest }) => run === null && oldest !== null);
  if (missing.length > 0) {
    const latest = new Date(Math.max(...missing.map(({ oldest }) => oldest!.getTime())));
    throw new AppError(
      'not-found',
      `the feeds as of ${at.toISOString()} are not kept: ${missing
        .slice(0, 3)
        .map(({ name, oldest }) => `${name} begins with ${oldest!.toISOString()}`)
        .join(
          ', ',
        )}${missing.length > 3 ? ' …' : ''}; ask for ${latest.toISOString()} or later, or keep more runs with matcher.update_retention`,
    );
  }
  return runs.flatMap(({ feed, run }) => (run === null ? [] : [{ feed, id: run }]));
}
