/** Loads support periods of releases. */
import type { Session } from '../../db/database.ts';

export interface SupportRow {
  readonly tag: string;
  /** The record as JSON. */
  readonly data: string;
}

/** Returns the records of `enricher` with `tags`; empty if it is not loaded. */
export async function loadSupports(
  db: Session,
  enricher: string,
  tags: readonly string[],
): Promise<SupportRow[]> {
  if (tags.length === 0) return [];
  return await db.query<SupportRow>({
    name: 'load-supports',
    text: `
      select wanted.tag, e.data
      from unnest($1::text[]) as wanted (tag)
      cross join lateral enrichments_of(wanted.tag) e
      join feed f on f.id = e.feed
      where f.name = $2`,
    values: [tags, enricher],
  });
}
