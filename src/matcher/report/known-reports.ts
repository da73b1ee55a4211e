/** The reports of indexed manifests: computed when the index report, a feed or a decision is another one than the last time. */
import type { Database } from '../../db/database.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import { decisionsToken } from '../findings/without-decided.ts';
import { feedsToken } from '../store/feed-status.ts';
import { type IndexBasis, ReportCache } from './report-cache.ts';

/** Where index reports come from. */
export interface IndexReports {
  /** Returns the finished report as JSON; undefined if the manifest was never indexed completely. */
  indexReport(digest: Digest): Promise<string | undefined>;
  /** Returns the same with its version, and without the JSON if the version is `known`; undefined if there is no report. Absent: versions are unknown. */
  newerReport?(
    digest: Digest,
    known: string | undefined,
  ): Promise<{ readonly version: string; readonly json: string | undefined } | undefined>;
}

export interface ReportBytes {
  /** UTF-8 JSON: a `VulnerabilityReportWire`. */
  readonly body: Buffer;
  /** Entity tag, with its quotes; changes with `body`. */
  readonly etag: string;
  /** A feed that it needs is being loaded for the first time: it is too early to rely on it. */
  readonly loading?: true;
}

export interface KnownReportsParts {
  readonly db: Database;
  readonly indexer: IndexReports;
  readonly now: () => Date;
  /** Whether triage decisions change reports. */
  readonly decided: boolean;
  readonly compute: (wire: IndexReportWire) => Promise<ReportBytes>;
}

/** Bytes of memory for reports that can be requested again. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** Age in ms at which a report is always computed again. */
const CACHE_AGE = 10 * 60_000;

/** Returns the report of a manifest; undefined if it was never indexed completely. */
export function knownReports({
  db,
  indexer,
  now,
  decided,
  compute,
}: KnownReportsParts): (digest: Digest) => Promise<ReportBytes | undefined> {
  const cache = new ReportCache<ReportBytes>(CACHE_BYTES);

  // The token is read first: a feed that changes meanwhile makes the entry unused, never wrong.
  return async (digest) => {
    const held = cache.peek(digest);
    const [index, token] = await Promise.all([currentIndex(indexer, digest, held), feedsToken(db)]);
    if (index === undefined) return undefined;
    const decisions = decided ? await decisionsToken(db, now()) : '';
    // A feed becomes stale by time alone.
    const basis = { ...index, feeds: `${token} ${decisions} ${Math.floor(now().getTime() / CACHE_AGE)}` };
    const known = cache.get(digest, basis);
    if (known !== undefined) return known;
    const wire = finishedReport(index.index);
    if (wire === undefined) return undefined;
    const report = await compute(wire);
    // Sets that are listed meanwhile are no part of the basis.
    if (!report.loading) cache.set(digest, basis, report, report.body.length);
    return report;
  };
}

/** Returns the current index report; `held` if it is unchanged. */
async function currentIndex(
  indexer: IndexReports,
  digest: Digest,
  held: IndexBasis | undefined,
): Promise<IndexBasis | undefined> {
  if (indexer.newerReport === undefined) {
    const index = await indexer.indexReport(digest);
    return index === undefined ? undefined : { index };
  }
  const newer = await indexer.newerReport(digest, held?.version);
  if (newer === undefined) return undefined;
  const { version, json: index = held?.index } = newer;
  return index === undefined ? undefined : { index, version };
}

/** Reads the JSON of an index report; undefined if there is none, or the manifest is not indexed completely. Throws `internal-error`. */
export function finishedReport(json: string | undefined): IndexReportWire | undefined {
  if (json === undefined) return undefined;
  try {
    const wire = JSON.parse(json) as IndexReportWire;
    return wire.state === 'IndexFinished' ? wire : undefined;
  } catch (cause) {
    throw new AppError(
      'internal-error',
      `the indexer returned a response that is not valid JSON: ${messageOf(cause)}`,
      { cause },
    );
  }
}
