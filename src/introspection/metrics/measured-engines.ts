/** The engines, telling how long they take: for their metrics and as spans of the request. */
import { AppError } from '../../errors.ts';
import type { Indexer } from '../../indexer/indexer.ts';
import type { QueueDepth } from '../../indexer/jobs/job.ts';
import type { IndexJobs } from '../../indexer/jobs/queue.ts';
import type { LayerScanner } from '../../indexer/layer-scanner.ts';
import type { PullDepth } from '../../indexer/pulls/pull.ts';
import type { Pulls } from '../../indexer/pulls/pulls.ts';
import { traced } from '../../lib/work-context.ts';
import type { Matcher } from '../../matcher/matcher.ts';
import { BYTE_BUCKETS, FETCH_BUCKETS, FINE_BUCKETS } from './clair-names.ts';
import { lately } from './lately.ts';
import type { Metrics } from './registry.ts';

/** Seconds, for what may take minutes. */
const LONG_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];

/** `scan` with its time and its bytes. */
export function measuredScanner(scanner: LayerScanner, metrics: Metrics): Pick<LayerScanner, 'scan'> {
  metrics.onScrape(() => {
    const { waiting, scanning } = scanner.figures();
    metrics.gauge('clair_indexer_layers_waiting', 'Layers that wait for a thread', waiting);
    metrics.gauge('clair_indexer_layers_scanning', 'Layers that are being scanned', scanning);
  });
  return {
    async scan(layer, options) {
      let received = 0;
      const onProgress = (progress: { bytes: number }): void => {
        received = progress.bytes;
        options.onProgress?.(progress);
      };
      const tell = timer((outcome, seconds) => {
        const help = 'Duration of fetching and scanning a layer, including the wait for a thread';
        metrics.observe('clair_indexer_layer_duration_seconds', help, LONG_BUCKETS, seconds, { outcome });
        tellFetch(metrics, outcome !== 'ok', seconds, received);
        const bytes = 'Bytes of layers that were fetched';
        metrics.count('clair_indexer_layer_bytes_total', bytes, {}, received);
        const sizes = 'Sizes of layers as they were fetched';
        metrics.observe(
          'clair_indexer_layer_size_bytes',
          sizes,
          [...BYTE_BUCKETS, 2 ** 28, 2 ** 30],
          received,
        );
      });
      return await tell(() =>
        traced('scan layer', { 'clair.layer': layer.hash }, async (span) => {
          try {
            return await scanner.scan(layer, { ...options, onProgress });
          } finally {
            span?.set({ 'clair.bytes': received });
          }
        }),
      );
    },
  };
}

// differs: fetching and scanning are one pass, so that its time is that of both (clair-service.md#introspection)
/** The same by the names that Clair has for its fetcher. No layer is kept, so that none is ever found in a cache. */
function tellFetch(metrics: Metrics, failed: boolean, seconds: number, received: number): void {
  const labels = { failed: String(failed), cache_hit: 'false' };
  metrics.count('fetcher_requests_total', 'Number of fetcher requests.', labels);
  metrics.observe(
    'fetcher_duration_seconds',
    'Duration of fetcher requests.',
    FETCH_BUCKETS,
    seconds,
    labels,
  );
  if (failed) return;
  const sizes = [...BYTE_BUCKETS, 2 ** 28, 2 ** 30];
  metrics.observe('fetcher_layer_size_bytes', 'Size of container layers.', sizes, received, {
    compressed: 'true',
  });
}

/** `index` with its time. */
export function measuredIndexer(indexer: Indexer, metrics: Metrics): Indexer {
  return {
    ...indexer,
    async index(manifest, options) {
      const tell = timer((outcome, seconds) => {
        const help = 'Duration of indexing a manifest; one that was indexed before counts as well';
        metrics.observe('clair_indexer_index_duration_seconds', help, LONG_BUCKETS, seconds, { outcome });
      });
      const attributes = { 'clair.manifest': manifest.hash, 'clair.layers': manifest.layers.length };
      return await tell(() => traced('index', attributes, () => indexer.index(manifest, options)));
    },
  };
}

/** How far the lookups of an older release, or in another form, are replaced, by all replicas together. */
export function tellLookups(indexer: Pick<Indexer, 'lookupsMissing'>, metrics: Metrics): void {
  const missing = lately<number | undefined>(() => indexer.lookupsMissing(), undefined);
  metrics.onScrape(async () => {
    const known = await missing();
    const help =
      'Manifests whose lookups an older release has stored, or in another form, and that are not replaced yet';
    if (known !== undefined) metrics.gauge('clair_indexer_lookups_missing', help, known);
  });
}

/** Reports with their times, updates with what came of them, and how the feeds are. */
export function measuredMatcher(matcher: Matcher, metrics: Metrics, now: () => Date): Matcher {
  metrics.onScrape(feedTeller(matcher, metrics, now));
  return {
    ...matcher,
    async vulnerabilityReport(digest) {
      const tell = timer((outcome, seconds) => {
        const help = 'Duration of making a vulnerability report, or of finding it made';
        metrics.observe('clair_matcher_report_duration_seconds', help, FINE_BUCKETS, seconds, { outcome });
      });
      const attributes = { 'clair.manifest': digest };
      return await tell(() =>
        traced('vulnerability report', attributes, () => matcher.vulnerabilityReport(digest)),
      );
    },
    async updateFeeds(options) {
      const results = await matcher.updateFeeds(options);
      for (const { name: feed, state, added, removed } of results) {
        if (state === 'busy' || state === 'current') continue;
        const help = 'Attempts to update a feed, by what came of them';
        metrics.count('clair_feed_updates_total', help, { feed, state });
        metrics.count('clair_feed_rows_added_total', 'Rows that updates added', { feed }, added);
        metrics.count('clair_feed_rows_removed_total', 'Rows that updates removed', { feed }, removed);
      }
      return results;
    },
  };
}

/** Whether this process loads feeds: the age of those that come as files is another matter. */
export function tellUpdates(loads: boolean, metrics: Metrics): void {
  const help = '1: this process updates feeds; 0: they are loaded by other means (matcher.disable_updaters)';
  metrics.gauge('clair_matcher_updates_enabled', help, Number(loads));
}

const STATES = ['never', 'ok', 'stale', 'failed'] as const;

/** How many manifests wait to be indexed when there is time, in all replicas. */
export function tellJobs(jobs: Pick<IndexJobs, 'depth'>, metrics: Metrics): void {
  const depth = lately<QueueDepth | undefined>(() => jobs.depth(), undefined);
  metrics.onScrape(async () => {
    const known = await depth();
    if (known === undefined) return;
    metrics.gauge('clair_indexer_jobs_waiting', 'Manifests that wait to be indexed', known.waiting);
    metrics.gauge('clair_indexer_jobs_running', 'Manifests that are indexed as jobs', known.running);
    const oldest = 'Since the job that waits longest could have been taken by a worker';
    metrics.gauge('clair_indexer_jobs_oldest_seconds', oldest, known.oldestSeconds);
  });
}

/** The same of images of registries that are to be fetched. */
export function tellPulls(pulls: Pick<Pulls, 'depth'>, metrics: Metrics): void {
  const depth = lately<PullDepth | undefined>(() => pulls.depth(), undefined);
  metrics.onScrape(async () => {
    const known = await depth();
    if (known === undefined) return;
    const help = 'Registry images that wait to be indexed or are indexed: events, walks, scans of Harbor';
    metrics.gauge('clair_indexer_pulls_waiting', help, known.waiting);
    const oldest = 'Since the registry image that waits longest could have been taken by a worker';
    metrics.gauge('clair_indexer_pulls_oldest_seconds', oldest, known.oldestSeconds);
  });
}

/** While the database is away the last that it said is told, with the age as of now. */
function feedTeller(matcher: Matcher, metrics: Metrics, now: () => Date): () => Promise<void> {
  type Feeds = Awaited<ReturnType<Matcher['feedStatus']>>;
  const feeds = lately<Feeds>(() => matcher.feedStatus(), []);
  return async () => {
    const known = await feeds();
    for (const name of GAUGES) metrics.clear(name);
    for (const feed of known) tellFeed(metrics, feed, now());
  };

  function tellFeed(to: Metrics, feed: Feeds[number], at: Date): void {
    const labels = { feed: feed.name, set: feed.set };
    const seconds = (date: Date): number => date.getTime() / 1000;
    to.gauge('clair_feed_rows', 'Rows of a feed', feed.rows, labels);
    to.gauge('clair_feed_problems', 'Records of a feed that could not be read', feed.problemCount, labels);
    to.gauge('clair_feed_failures', 'Updates of a feed that failed in a row', feed.failures, labels);
    for (const state of STATES) {
      const is = Number(feed.state === state);
      to.gauge('clair_feed_state', 'State of a feed: 1 for the one that it is in', is, { ...labels, state });
    }
    if (feed.lastSuccess !== undefined) {
      const last = seconds(feed.lastSuccess);
      to.gauge('clair_feed_last_success_timestamp_seconds', 'Last update that went well', last, labels);
      to.gauge('clair_feed_age_seconds', 'Since the last update that went well', seconds(at) - last, labels);
    }
    if (feed.nextTry !== undefined) {
      const next = seconds(feed.nextTry);
      to.gauge('clair_feed_next_try_timestamp_seconds', 'Time of the next poll', next, labels);
    }
  }
}

const GAUGES = [
  'clair_feed_rows',
  'clair_feed_problems',
  'clair_feed_failures',
  'clair_feed_state',
  'clair_feed_last_success_timestamp_seconds',
  'clair_feed_age_seconds',
  'clair_feed_next_try_timestamp_seconds',
];

/** Runs a task and tells its outcome (`ok`, or the code of its error) and its time. */
function timer(tell: (outcome: string, seconds: number) => void): <T>(task: () => Promise<T>) => Promise<T> {
  return async (task) => {
    const start = performance.now();
    let outcome = 'ok';
    try {
      return await task();
    } catch (error) {
      outcome = error instanceof AppError ? error.code : 'internal-error';
      throw error;
    } finally {
      tell(outcome, (performance.now() - start) / 1000);
    }
  };
}
