/** The matcher: an IndexReport and the feeds come in, a VulnerabilityReport goes out, always current. */
import { hash } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Ecosystem, Enricher } from '../ecosystems/contract.ts';
import { type Log, noLog } from '../lib/log.ts';
import type { Digest } from '../model/digest.ts';
import { fromWire, type IndexReportWire } from '../model/index-report-wire.ts';
import type { FeedHttp } from './feed-request.ts';
import { match } from './match.ts';
import { writeReport } from './report.ts';
import { anyFeedLoaded, type FeedStatus, loadFeedStatus } from './store/feed-status.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from './update-feeds.ts';

/** Where index reports come from: our indexer, or one behind HTTP, ours or Clair's. */
export interface IndexerClient {
  /** The report of a manifest that was indexed to the end; undefined if there is none. */
  indexReport(digest: Digest): Promise<IndexReportWire | undefined>;
}

export interface ReportBytes {
  /** JSON: see `VulnerabilityReportWire`. */
  readonly body: Buffer;
  /** Quoted; changes with the bytes. */
  readonly etag: string;
}

export interface Matcher {
  /** undefined: the manifest was never indexed to the end. */
  vulnerabilityReport(digest: Digest): Promise<ReportBytes | undefined>;
  /** The same for a report at hand. Throws `internal-error` if it is none. */
  matchReport(wire: IndexReportWire): Promise<ReportBytes>;
  /** Whether any feed was ever loaded: without one there is nothing to say. */
  initialized(): Promise<boolean>;
  /** Asks all feeds for news, once. */
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
  feedStatus(): Promise<FeedStatus[]>;
}

export interface MatcherParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly indexer: IndexerClient;
  readonly now: () => Date;
  readonly log?: Log;
  /** Another way to the world, for tests. */
  readonly http?: FeedHttp;
}

export function createMatcher(parts: MatcherParts): Matcher {
  const { db, ecosystems, enrichers, indexer, now, log = noLog } = parts;
  let initialized = false;

  async function matchReport(wire: IndexReportWire): Promise<ReportBytes> {
    const { report, packageIds } = fromWire(wire);
    // One snapshot: an import that ends meanwhile must not give half of the old and half of the new.
    const matches = await db.transaction(async (tx) => {
      await tx.query({ text: 'set transaction isolation level repeatable read, read only' });
      const names = enrichers.map(({ name }) => name);
      return await match(tx, report, ecosystems, names);
    });
    const body = writeReport({ wire, report, packageIds, matches, enrichers, now: now() });
    return { body, etag: `"${hash('sha256', body).slice(0, 32)}"` };
  }

  return {
    matchReport,
    async vulnerabilityReport(digest) {
      const wire = await indexer.indexReport(digest);
      if (wire === undefined || wire.state !== 'IndexFinished') return undefined;
      return await matchReport(wire);
    },
    async initialized() {
      initialized ||= await anyFeedLoaded(db);
      return initialized;
    },
    updateFeeds: (options) => updateFeeds({ ...parts, log }, options),
    feedStatus: () => loadFeedStatus(db, now()),
  };
}
