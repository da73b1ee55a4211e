/** The matcher: computes VulnerabilityReports from IndexReports and the current advisories, and updates the feeds. */
import { hash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Enricher } from '../contract/enricher.ts';
import type { Database } from '../db/database.ts';
import { setsOf } from '../ecosystems/needed-sets.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { type Log, noLog } from '../lib/log.ts';
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { fromWire, type IndexReportWire } from '../model/index-report-wire.ts';
import type { ManifestChanges } from '../model/manifest-changes.ts';
import { type Explanation, explain, namesLike } from './findings/explain.ts';
import { type Finding, findAll } from './findings/find.ts';
import { withoutDecided } from './findings/without-decided.ts';
import { operationToWire, type UpdateOperationWire } from './history/operation-json.ts';
import { type UpdateDiff, updateDiff } from './history/update-diff.ts';
import { createCoverings } from './matching/covering.ts';
import { nameGuessed } from './matching/guessed-names.ts';
import { type Matches, match } from './matching/match.ts';
import { isLoading } from './report/first-loads.ts';
import { finishedReport, type IndexReports, knownReports, type ReportBytes } from './report/known-reports.ts';
import { writeReport } from './report/report.ts';
import { ShownCache } from './shown/shown-cache.ts';
import { loadAdvisoriesOf } from './store/advisories-of.ts';
import { anyFeedLoaded, type FeedStatus, loadFeedStatus } from './store/feed-status.ts';
import type { FeedKind } from './store/feeds.ts';
import { loadLastUpdate } from './store/last-update.ts';
import { deleteOperation, loadOperations } from './store/update-operations.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from './updating/update-feeds.ts';

/** The indexer as the matcher uses it: in this process, or behind HTTP (this project's or Clair's). */
export interface IndexerClient extends IndexReports {
  /** Returns the manifests that changed after `after`, at most `limit`; undefined: the indexer keeps no such list, as Clair's. */
  manifests?(after: string, limit: number): Promise<ManifestChanges | undefined>;
}

export interface MatchReportOptions {
  /** Time of the advisories to use; default: now. `not-found` is thrown if they are no longer stored. Enrichments are always current. */
  readonly at?: Date;
  /** Names of the enrichers in `enrichments`; default: all. */
  readonly enrichers?: readonly string[];
}

/** An image with its matches and findings, before the report is written. */
export interface MatchedImage {
  readonly wire: IndexReportWire;
  readonly matches: Matches;
  readonly findings: readonly Finding[];
  /** A feed that it needs is being loaded for the first time. */
  readonly loading: boolean;
}

export interface ExplainedImage extends Explanation {
  readonly report: IndexReport;
}

export interface Matcher {
  /** Returns the report of a manifest; undefined if it was never indexed completely. */
  vulnerabilityReport(digest: Digest): Promise<ReportBytes | undefined>;
  /** Returns the report of `wire`, which need not be stored. Throws `internal-error` if it is not an IndexReport. */
  matchReport(wire: IndexReportWire, options?: MatchReportOptions): Promise<ReportBytes>;
  /** Returns matches and findings of a manifest; undefined if it was never indexed completely. */
  inspect(digest: Digest): Promise<MatchedImage | undefined>;
  /** Returns every advisory about the vulnerability `id` or its aliases that names a package in `wire`, with the decision about its version. */
  explain(wire: IndexReportWire, id: string): Promise<Explanation>;
  /** The same of an image that is indexed, with its packages; undefined: it is not. */
  explainImage(digest: Digest, id: string): Promise<ExplainedImage | undefined>;
  /** Returns the current advisories about the vulnerability `id` or its aliases: at most `limit`, and one more if others exist. */
  advisoriesOf(id: string, limit: number): Promise<AdvisoryFacts[]>;
  /** Returns the names of the feed sets and enrichers that a report about `wire` needs. */
  feedSetsOf(wire: IndexReportWire): string[];
  /** Returns whether any feed was ever loaded. */
  initialized(): Promise<boolean>;
  /** Updates the selected feeds once. Failures are in the results; it throws only if the database fails. */
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
  feedStatus(): Promise<FeedStatus[]>;
  /** Returns the valid names in `updaters.sets`: feed sets and enrichers. */
  knownSets(): readonly string[];
  /** Returns the runs of all feeds, newest first: all stored ones, or the newest of each feed with `latest`. */
  updateOperations(kind: FeedKind, latest: boolean): Promise<UpdateOperations>;
  /** Deletes the record of a run, not its advisories. Returns false if `ref` is unknown. */
  deleteUpdateOperation(ref: string): Promise<boolean>;
  /** Returns the difference of two runs of one feed, from `prev` (default: empty) to `cur`. Throws `not-found` for an unknown run, `bad-request` for a run of an enricher. */
  updateDiff(cur: string, prev?: string): Promise<UpdateDiff>;
  /** Returns the oldest completed attempt of the feeds in `sets` (undefined: all sets); undefined if one was never attempted. */
  lastUpdate(sets?: readonly string[]): Promise<Date | undefined>;
}

export interface UpdateOperations {
  /** Ref of the newest run of all feeds; undefined if none exists. */
  readonly newest: string | undefined;
  readonly byUpdater: Readonly<Record<string, readonly UpdateOperationWire[]>>;
}

export interface MatcherParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly indexer: IndexerClient;
  readonly now: () => Date;
  readonly log?: Log;
  /** Returns whether this process loads a feed set; default: none. */
  readonly loads?: (set: string) => boolean;
  /** Prefixes of scopes, such as `rhel-cpe:`, in which advisories without a fix are omitted. */
  readonly fixedOnly?: readonly string[];
  /** Names of the enrichers in `enrichments` of `vulnerabilityReport`; default: all. Findings always use all of them. */
  readonly shownEnrichers?: readonly string[];
  /** `apply`: reports omit what triage decisions close. Default: `show`. */
  readonly triage?: 'show' | 'apply';
  /** HTTP client of the feeds; default: one with the limits of feeds. */
  readonly http?: HttpClient;
}

/** Bytes of memory for advisories as reports show them: about 15,000 of them. */
const SHOWN_BYTES = 24 * 1024 * 1024;
export function createMatcher(parts: MatcherParts): Matcher {
  const {
    db,
    ecosystems,
    enrichers,
    indexer,
    now,
    log = noLog,
    fixedOnly = [],
    loads,
    triage = 'show',
  } = parts;
  const { shownEnrichers } = parts;
  const coverings = createCoverings();
  const shown = new ShownCache(SHOWN_BYTES);
  let initialized = false;

  async function explained(report: IndexReport, id: string): Promise<Explanation> {
    return await db.snapshot(async (tx) => {
      const named = await nameGuessed(tx, report, ecosystems);
      return await explain(tx, named, id, { ecosystems, coverings, fixedOnly });
    });
  }

  async function inspectReport(wire: IndexReportWire, report: IndexReport, at?: Date): Promise<MatchedImage> {
    // One snapshot: an import that ends meanwhile must not give half of the old and half of the new.
    return await db.snapshot(async (tx) => {
      const names = enrichers.map(({ name }) => name);
      const matches = await match(tx, report, {
        ecosystems,
        enrichers: names,
        coverings,
        shown,
        fixedOnly,
        ...(at && { at }),
      });
      const loading = loads !== undefined && (await isLoading(tx, report, matches, { ecosystems, loads }));
      return { wire, matches, findings: await findAll(tx, matches, ecosystems), loading };
    });
  }

  async function matchReport(
    wire: IndexReportWire,
    { at, enrichers: wanted }: MatchReportOptions = {},
  ): Promise<ReportBytes> {
    const { report, packageIds } = fromWire(wire);
    const matched = await inspectReport(wire, report, at);
    const { matches, findings, loading } =
      triage === 'apply' ? await withoutDecided(db, matched, ecosystems, now()) : matched;
    const written = enrichers.filter(({ name }) => wanted?.includes(name) ?? true);
    const body = writeReport({ wire, packageIds, matches, findings, enrichers: written, now: now() });
    const etag = `"${hash('sha256', body).slice(0, 32)}"`;
    return { body, etag, ...(loading && { loading }) };
  }

  async function finished(digest: Digest): Promise<IndexReportWire | undefined> {
    return finishedReport(await indexer.indexReport(digest));
  }

  return {
    matchReport,
    async inspect(digest) {
      const wire = await finished(digest);
      if (wire === undefined) return undefined;
      return await inspectReport(wire, fromWire(wire).report);
    },
    explain: (wire, id) => explained(fromWire(wire).report, id),
    async explainImage(digest, id) {
      const wire = await finished(digest);
      if (wire === undefined) return undefined;
      const { report } = fromWire(wire);
      return { report, ...(await explained(report, id)) };
    },
    advisoriesOf: async (id, limit) => await loadAdvisoriesOf(db, await namesLike(db, id), limit),
    vulnerabilityReport: knownReports({
      db,
      indexer,
      now,
      decided: triage === 'apply',
      compute: (wire) => matchReport(wire, { ...(shownEnrichers && { enrichers: shownEnrichers }) }),
    }),
    feedSetsOf: (wire) => [
      ...new Set([...setsOf(fromWire(wire).report, ecosystems), ...enrichers.map(({ name }) => name)]),
    ],
    async initialized() {
      initialized ||= await anyFeedLoaded(db);
      return initialized;
    },
    updateFeeds: (options) => updateFeeds({ ...parts, log }, options),
    feedStatus: () => loadFeedStatus(db, now()),
    knownSets: () =>
      [
        ...new Set([
          ...ecosystems.flatMap(({ feeds }) => feeds.map(({ set }) => set)),
          ...enrichers.map(({ name }) => name),
        ]),
      ].sort(),
    async updateOperations(kind, latest) {
      const rows = await loadOperations(db, kind, latest);
      const groups = Map.groupBy(rows.map(operationToWire), ({ updater }) => updater);
      return {
        newest: rows[0]?.ref,
        byUpdater: Object.fromEntries([...groups].sort(([a], [b]) => (a < b ? -1 : 1))),
      };
    },
    deleteUpdateOperation: (ref) => deleteOperation(db, ref),
    updateDiff: (cur, prev) => updateDiff(db, { ecosystems, fixedOnly }, cur, prev),
    lastUpdate(wanted) {
      const isWanted = (name: string): boolean => wanted?.includes(name) ?? true;
      const sets = ecosystems.flatMap(({ feeds }) => feeds.map(({ set }) => set));
      const names = enrichers.map(({ name }) => name);
      return loadLastUpdate(db, [...new Set(sets)].filter(isWanted), names.filter(isWanted));
    },
  };
}
