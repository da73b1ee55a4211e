/** The matcher that `db` commands work with: on the database that is meant, which they name. */

import type { Config } from '../../config/schema.ts';
import type { Database } from '../../db/database.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { createMatcher, type Matcher } from '../../matcher/matcher.ts';
import { MATCHER_SCHEMA } from '../../schemas.ts';
import { debugLog } from '../terminal/debug-log.ts';
import type { Progress } from '../terminal/progress.ts';
import { configOf, type DatabaseOptions } from './database-options.ts';
import { matcherDatabaseOf, openDatabase } from './open-database.ts';

export interface OpenMatcher extends AsyncDisposable {
  readonly config: Config;
  readonly db: Database;
  readonly matcher: Matcher;
}

/** Says which database it is. Throws `bad-config`, `database`. */
export async function openMatcher(
  flags: DatabaseOptions,
  progress: Pick<Progress, 'note' | 'show'>,
): Promise<OpenMatcher> {
  await using resources = new AsyncDisposableStack();
  const config = await configOf(flags);
  const { db, name } = resources.use(
    await openDatabase(matcherDatabaseOf(flags, config), progress.show, [MATCHER_SCHEMA]),
  );
  progress.note(`database: ${name}`);
  const matcher = createMatcher({
    db,
    ecosystems,
    enrichers,
    indexer: { indexReport: async () => undefined },
    now: () => new Date(),
    log: debugLog(flags),
  });
  const owned = resources.move();
  return { config, db, matcher, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
