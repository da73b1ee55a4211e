/** The indexer as a service: database, layer scanner, jobs, routes. */
import { availableParallelism } from 'node:os';
import { ecosystems } from '../ecosystems/index.ts';
import { createSlots } from '../http/slots.ts';
import { configuredLimits } from '../indexer/configured-limits.ts';
import { createIndexer, type Indexer } from '../indexer/indexer.ts';
import { createIndexJobs, type IndexJobs } from '../indexer/jobs/queue.ts';
import { createJobStore } from '../indexer/jobs/store.ts';
import { LayerScanner } from '../indexer/layer-scanner.ts';
import { affectedManifestRoutes } from '../indexer/routes/affected-manifest.ts';
import { indexReportRoutes } from '../indexer/routes/index-report.ts';
import { manifestRoutes } from '../indexer/routes/manifests.ts';
import { submitManifestRoutes } from '../indexer/routes/submit-manifest.ts';
import { runUpkeep } from '../indexer/run-upkeep.ts';
import { measuredIndexer, measuredScanner, tellJobs } from '../introspection/metrics/measured-engines.ts';
import { INDEXER_SCHEMA } from '../schemas.ts';
import { openDatabase } from './open-database.ts';
import type { Part, PartContext } from './part.ts';

export interface IndexerPart extends Part {
  readonly indexer: Indexer;
  /** Those that were submitted to be indexed later. */
  readonly jobs: IndexJobs;
}

export async function indexerPart(context: PartContext): Promise<IndexerPart> {
  await using resources = new AsyncDisposableStack();
  const { config, log, now, signal, metrics } = context;
  const { airgap, layer_scan_concurrency: threads, scanner: scannerConfig } = config.indexer;
  const db = resources.use(await openDatabase('indexer', INDEXER_SCHEMA, config.indexer, context));
  const limits = configuredLimits(config.indexer.layer_limits);
  const scanner = resources.use(new LayerScanner({ airgap, limits, ...(threads && { threads }) }));
  const resolving = { scanner: scannerConfig, airgap, now };
  const indexer = measuredIndexer(
    createIndexer({ db, ecosystems, scanner: measuredScanner(scanner, metrics), log, now, resolving }),
    metrics,
  );
  const { index_report_timeout: timeout, index_job_concurrency: concurrency } = config.indexer;
  const jobs = createIndexJobs({
    store: createJobStore(db),
    indexer,
    log,
    concurrency: concurrency === 0 ? availableParallelism() : Math.max(0, concurrency),
    timeout,
  });
  tellJobs(jobs, metrics);
  const slots = createSlots(config.indexer.index_report_request_concurrency);
  const owned = resources.move();
  return {
    db,
    indexer,
    jobs,
    mount(app, cutOff) {
      submitManifestRoutes(app, { indexer, jobs, slots, timeout, stopping: cutOff });
      indexReportRoutes(app, { indexer, jobs });
      affectedManifestRoutes(app, indexer, cutOff);
      manifestRoutes(app, indexer);
    },
    async run() {
      await Promise.all([jobs.run(signal), runUpkeep(indexer, log, signal)]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
