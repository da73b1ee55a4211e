/** When clients last asked for the report of an image: gathered in memory, and stored now and then. */
import type { Session } from '../../../db/database.ts';

export interface SeenImages {
  /** A client asks for its report. */
  note(digest: string, at: Date): void;
  /** What came since the last time. */
  take(): ReadonlyMap<string, Date>;
}

/** Of more, the rest is told the next time it is asked for. */
const MOST = 50_000;

export function createSeen(): SeenImages {
  let seen = new Map<string, Date>();
  return {
    note(digest, at) {
      if (seen.size < MOST) seen.set(digest, at);
    },
    take() {
      const taken = seen;
      seen = new Map();
      return taken;
    },
  };
}

/** An image that no indexer has told of is due: its indexer keeps no list. */
export async function saveSeen(db: Session, seen: ReadonlyMap<string, Date>): Promise<void> {
  if (seen.size === 0) return;
  await db.query({
    name: 'console-save-seen',
    text: `
      insert into console_image as i (digest, last_seen, due, state, indexed, words)
      select digest, at, at, 'IndexFinished', at, array_to_tsvector(string_to_array(digest, ':'))
      from unnest($1::text[], $2::timestamptz[]) as s (digest, at)
      on conflict (digest) do update set last_seen = excluded.last_seen
      where i.last_seen is null or i.last_seen < excluded.last_seen - interval '1 minute'`,
    values: [[...seen.keys()], [...seen.values()]],
  });
}
