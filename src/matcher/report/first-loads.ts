/**
 * Whether a report waits for feeds: one that its image needs has never been loaded, and its first load is neither done nor
 * given up. A client that is told "later" then asks again; a report without findings it would take for good news.
 */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Session } from '../../db/database.ts';
import { setsOf } from '../../ecosystems/needed-sets.ts';
import type { IndexReport } from '../../model/index-report.ts';
import type { Matches } from '../matching/match.ts';
import { loadUnlisted } from '../store/load-schedule.ts';
import { gapsOf } from './coverage.ts';

export interface FirstLoads {
  readonly ecosystems: readonly Ecosystem[];
  /** Whether this service loads the set of that name. */
  readonly loads: (set: string) => boolean;
}

/** One that failed is given up: the report says so, and is replaced when a later attempt succeeds. */
export async function isLoading(
  db: Session,
  report: IndexReport,
  matches: Matches,
  { ecosystems, loads }: FirstLoads,
): Promise<boolean> {
  const gaps = gapsOf(report, matches);
  if (gaps.length === 0) return false;
  const own = setsOf(report, ecosystems).filter(loads);
  if (own.length === 0) return false;
  if (gaps.some(({ kind, failed }) => kind === 'feed-not-loaded' && failed !== true)) return true;
  // No feed is known for it: perhaps because the feeds of its set were never listed to the end.
  return gaps.some(({ kind }) => kind === 'no-feed') && (await loadUnlisted(db, own)).length > 0;
}
