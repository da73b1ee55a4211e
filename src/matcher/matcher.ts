/** The matcher: an IndexReport and the feeds come in, a VulnerabilityReport goes out, always current. */
import { hash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Enricher } from '../contract/enricher.ts';
import type { Database } from '../db/database.ts';
import { setsOf } from '../ecosystems/needed-sets.ts';
import { AppError, messageOf } from '../errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { type Log, noLog } from '../lib/log.ts';
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { fromWire, type IndexReportWire } from '../model/index-report-wire.ts';
import type { ManifestChanges } from '../model/manifest-changes.ts';
import { type Explanation, explain, namesLike } from './findings/explain.ts';
import { type Finding, findAll } from './findings/find.ts';
import { decisionsToken, withoutDecided } from './findings/without-decided.ts';
import { operationToWire, type UpdateOperationWire } from './history/operation-json.ts';
import { type UpdateDiff, updateDiff } from './history/update-diff.ts';
import { createCoverings } from './matching/covering.ts';
import { nameGuessed } from './matching/guessed-names.ts';
import { type Matches, match } from './matching/match.ts';
import { isLoading } from './report/first-loads.ts';
import { writeReport } from './report/report.ts';
import { type IndexBasis, ReportCache } from './report/report-cache.ts';
import { ShownCache } from './shown/shown-cache.ts';
import { loadAdvisoriesOf } from './store/advisories-of.ts';
import { anyFeedLoaded, type FeedStatus, feedsToken, loadFeedStatus } from './store/feed-status.ts';
import type { FeedKind } from './store/feeds.ts';
import { loadLastUpdate } from './store/last-update.ts';
import { deleteOperation, loadOperations } from './store/update-operations.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from './updating/update-feeds.ts';

/** Where index reports come from: our indexer, or one behind HTTP, ours or Clair's. */
export interface IndexerClient {
  /** The JSON of the report of a manifest that was indexed to the end; undefined if there is none. */
  indexReport(digest: Digest): Promise<string | undefined>;
  /** The same with its version, if that can be told; without the JSON if the version is `known`: reports are long. */
  newerReport?(
    digest: Digest,
    known: string | undefined,
  ): Promise<{ readonly version: string; readonly json: string | undefined } | undefined>;
  /** Which manifests have changed; undefined: it keeps no such list, as Clair's. */
  manifests?(after: string, limit: number): Promise<ManifestChanges | undefined>;
}

export interface ReportBytes {
  /** JSON: see `VulnerabilityReportWire`. */
  readonly body: Buffer;
  /** Quoted; changes with the bytes. */
  readonly etag: string;
  /** A feed that it needs is being loaded for the first time: it is too early to rely on it. */
  readonly loading?: true;
}

export interface MatchReportOptions {
  /** As the feeds were at that time. Throws `not-found` if that is not kept. Enrichments are those of now. */
  readonly at?: Date;
  /** Names of enrichers whose records `enrichments` has; default: all. */
  readonly enrichers?: readonly string[];
}

/** What is known of an image, before anything is written of it. */
export interface MatchedImage {
  readonly wire: IndexReportWire;
  readonly matches: Matches;
  readonly findings: readonly Finding[];
  /** A feed that it needs is being loaded for the first time. */
  readonly loading: boolean;
}

export interface Matcher {
  /** undefined: the manifest was never indexed to the end. */
  vulnerabilityReport(digest: Digest): Promise<ReportBytes | undefined>;
  /** The same for a report at hand. Throws `internal-error` if it is none. */
  matchReport(wire: IndexReportWire, options?: MatchReportOptions): Promise<ReportBytes>;
  /** The same, unwritten, of an indexed manifest; undefined: it was never indexed completely. */
  inspect(digest: Digest): Promise<MatchedImage | undefined>;
  /** Every advisory about a vulnerability, by any of its names, that speaks of a package of the report. */
  explain(wire: IndexReportWire, id: string): Promise<Explanation>;
  /** At most `limit` advisories about a vulnerability, by any of its names, and one more if there are others. */
  advisoriesOf(id: string, limit: number): Promise<AdvisoryFacts[]>;
  /** The sets of feeds that a report needs, by name, and the enrichers. */
  feedSetsOf(wire: IndexReportWire): string[];
  /** Whether any feed was ever loaded: without one there is nothing to say. */
  initialized(): Promise<boolean>;
  /** Asks all feeds for news, once. */
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
  feedStatus(): Promise<FeedStatus[]>;
  /** The names that `updaters.sets` may have: of the sets and the enrichers. */
  knownSets(): readonly string[];
  /** What the feeds brought, the newest first: all, or the newest of each. */
  updateOperations(kind: FeedKind, latest: boolean): Promise<UpdateOperations>;
  /** Forgets an operation, nothing else; gives whether there was one. */
  deleteUpdateOperation(ref: string): Promise<boolean>;
  /** What changed between two operations. Throws `not-found`, or `bad-request` for those of enrichers. */
  updateDiff(cur: string, prev?: string): Promise<UpdateDiff>;
  /** Since when all feeds of `sets` (undefined: all there are) have been asked; undefined: some never were, or not to the end. */
  lastUpdate(sets?: readonly string[]): Promise<Date | undefined>;
}

export interface UpdateOperations {
  /** Ref of the newest of all; undefined: there is none. */
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
  /** Whether this process loads that set of feeds; default: none. */
  readonly loads?: (set: string) => boolean;
  /** Beginnings of scopes of which only what has a fix is shown, e.g. `rhel-cpe:`. */
  readonly fixedOnly?: readonly string[];
  /** Names of enrichers whose records `vulnerabilityReport` has in `enrichments`; default: all. Findings rest on all of them. */
  readonly shownEnrichers?: readonly string[];
  /** `apply`: what decisions close is in no report; default: `show`. */
  readonly triage?: 'show' | 'apply';
  /** Another way to the world, for tests. */
  readonly http?: HttpClient;
}

/** Memory for what reports show of advisories: some 15,000 of them. */
const SHOWN_BYTES = 24 * 1024 * 1024;
/** Memory for reports that may be asked for again. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** ms after which a report is written anew in any case. */
const CACHE_AGE = 10 * 60_000;

export function createMatcher(parts: MatcherParts): Matcher {
  const {
    db,
    ecosystems,
    enrichers,
    indexer,
    now,
    log = noLog,
    fixedOnly = [],
    loads = () => false,
    triage = 'show',
  } = parts;
  const { shownEnrichers } = parts;
  const coverings = createCoverings();
  const shown = new ShownCache(SHOWN_BYTES);
  const cache = new ReportCache<ReportBytes>(CACHE_BYTES);
  let initialized = false;

  async function inspectReport(wire: IndexReportWire, report: IndexReport, at?: Date): Promise<MatchedImage> {
    // One snapshot: an import that ends meanwhile must not give half of the old and half of the new.
    return await db.transaction(async (tx) => {
      await tx.query({ text: 'set transaction isolation level repeatable read, read only' });
      const names = enrichers.map(({ name }) => name);
      const matches = await match(tx, report, {
        ecosystems,
        enrichers: names,
        coverings,
        shown,
        fixedOnly,
        ...(at && { at }),
      });
      const loading = await isLoading(tx, report, matches, { ecosystems, loads });
      return { wire, matches, findings: await findAll(tx, matches), loading };
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

  /** The token is read first: feeds that change meanwhile make the entry useless, never wrong. */
  async function vulnerabilityReport(digest: Digest): Promise<ReportBytes | undefined> {
    const held = cache.peek(digest);
    const [index, token] = await Promise.all([indexReport(digest, held), feedsToken(db)]);
    if (index === undefined) return undefined;
    const decided = triage === 'apply' ? await decisionsToken(db, now()) : '';
    // A feed becomes stale by time alone.
    const basis = { ...index, feeds: `${token} ${decided} ${Math.floor(now().getTime() / CACHE_AGE)}` };
    const known = cache.get(digest, basis);
    if (known !== undefined) return known;
    const wire = readJson(index.index);
    if (wire.state !== 'IndexFinished') return undefined;
    const report = await matchReport(wire, { ...(shownEnrichers && { enrichers: shownEnrichers }) });
    // Sets that are listed meanwhile are no part of the basis.
    if (!report.loading) cache.set(digest, basis, report, report.body.length);
    return report;
  }

  /** The index report; the one at hand if it is still the same. */
  async function indexReport(digest: Digest, held: IndexBasis | undefined): Promise<IndexBasis | undefined> {
    if (indexer.newerReport === undefined) {
      const index = await indexer.indexReport(digest);
      return index === undefined ? undefined : { index };
    }
    const newer = await indexer.newerReport(digest, held?.version);
    if (newer === undefined) return undefined;
    const { version, json: index = held?.index } = newer;
    return index === undefined ? undefined : { index, version };
  }

  return {
    matchReport,
    async inspect(digest) {
      const json = await indexer.indexReport(digest);
      const wire = json === undefined ? undefined : readJson(json);
      if (wire?.state !== 'IndexFinished') return undefined;
      return await inspectReport(wire, fromWire(wire).report);
    },
    explain: (wire, id) =>
      db.transaction(async (tx) => {
        await tx.query({ text: 'set transaction isolation level repeatable read, read only' });
        const named = await nameGuessed(tx, fromWire(wire).report, ecosystems);
        return await explain(tx, named, id, { ecosystems, coverings, fixedOnly });
      }),
    advisoriesOf: async (id, limit) => await loadAdvisoriesOf(db, await namesLike(db, id), limit),
    vulnerabilityReport,
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

function readJson(json: string): IndexReportWire {
  try {
    return JSON.parse(json) as IndexReportWire;
  } catch (cause) {
    throw new AppError(
      'internal-error',
      `the indexer returned a response that is not valid JSON: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}
