/** What is fetched and imported under one name and lock: a feed of advisories, or an enricher. */

import type { Enricher } from '../../contract/enricher.ts';
import type { Feed, FeedContext } from '../../contract/feed.ts';
import type { Database } from '../../db/database.ts';
import { COMMIT, VERSION } from '../../lib/version.ts';
import { ROW_REVISION } from '../importing/advisory-row.ts';
import { importEnrichment } from '../importing/import-enrichment.ts';
import { type ImportOptions, importFeed } from '../importing/import-feed.ts';
import type { FeedNames } from '../store/feeds.ts';
import type { Imported } from '../store/replace-advisories.ts';

export interface FeedSource extends FeedNames {
  /** Asks upstream for news since `fingerprint`. */
  fetch(fingerprint: string, config: unknown, context: FeedContext): Promise<News | 'unchanged'>;
}

export interface News {
  /** Asked for once all is read. */
  readonly fingerprint: string;
  /** Makes the news the current rows. */
  import(db: Database, options: ImportOptions): Promise<Imported>;
}

export function feedSource(set: string, feed: Feed): FeedSource {
  return {
    name: feed.name,
    kind: 'vulnerability',
    set,
    reader: [feed.versions.id, ROW_REVISION, ...(feed.revision ? [feed.revision] : [])].join(' '),
    scopes: feed.scopes,
    async fetch(since, config, context) {
      const fetched = await feed.fetch(since, config, context);
      if (fetched === 'unchanged') return fetched;
      return {
        fingerprint: fetched.fingerprint,
        import: (db, options) => importFeed(db, feed, fetched, options),
      };
    },
  };
}

export function enricherSource(enricher: Enricher): FeedSource {
  return {
    name: enricher.name,
    kind: 'enrichment',
    set: enricher.name,
    // Another release of this program may read otherwise what is left alone because it is as it was.
    reader: `enrichment ${ROW_REVISION} ${VERSION} ${COMMIT}`,
    scopes: [],
    async fetch(since, config, context) {
      const fetched = await enricher.fetch(since, config, context);
      if (fetched === 'unchanged') return fetched;
      return {
        get fingerprint() {
          return fetched.fingerprint;
        },
        import: (db, options) => importEnrichment(db, enricher, fetched, options),
      };
    },
  };
}
