/** What the views of the console are made from. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Database } from '../../db/database.ts';
import type { Matcher } from '../matcher.ts';
import type { CallerOf } from './access.ts';
import type { ManifestChanges } from './manifest-changes.ts';

export interface ConsoleContext {
  readonly db: Database;
  readonly matcher: Pick<Matcher, 'feedStatus' | 'knownSets'>;
  readonly ecosystems: readonly Ecosystem[];
  readonly now: () => Date;
  readonly callerOf: CallerOf;
  /** What waited to be indexed when the indexer was last asked. */
  readonly queue: () => ManifestChanges['queue'] | undefined;
  /** Sets that are loaded; undefined: all. */
  readonly sets: readonly string[] | undefined;
  /** Whether decisions change the reports of Clair's API. */
  readonly triage: 'show' | 'apply';
}

const DAY = 24 * 3600_000;

export function dayAgo(now: Date): Date {
  return new Date(now.getTime() - DAY);
}
