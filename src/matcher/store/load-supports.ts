/** What the feed `endoflife` says of releases. */
import type { Session } from '../../db/database.ts';
import { END_OF_LIFE } from '../../enrichers/end-of-life/feed.ts';

export interface SupportRow {
  readonly tag: string;
  /** JSON: `SupportRecord`. */
  readonly data: string;
}

/** The records of `tags`; none if the feed is not loaded. */
export async function loadSupports(db: Session, tags: readonly string[]): Promise<SupportRow[]> {
  if (tags.length === 0) return [];
  return await db.query<SupportRow>({
    name: 'load-supports',
    text: `
      select wanted.tag, e.data
      from unnest($1::text[]) as wanted (tag)
      cross join lateral enrichments_of(wanted.tag) e
      join feed f on f.id = e.feed
      where f.name = $2`,
    values: [tags, END_OF_LIFE],
  });
}
