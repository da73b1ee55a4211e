/** The indexer as a service: database, layer scanner, jobs, routes. */
import { availableParallelism } from 'node:os';
import { ecosystems } from '../ecosystems/index.ts';
import { loginOf } from '../harbor/scan-request.ts';
import { createSlots } from '../http/slots.ts';
import { configuredLimits } from '../indexer/configured-limits.ts';
import { createIndexer, type Indexer } from '../indexer/indexer.ts';
import { createIndexJobs, type IndexJobs } from '../indexer/jobs/queue.ts';
import { createJobStore } from '../indexer/jobs/store.ts';
import { LayerScanner } from '../indexer/layer-scanner.ts';
import { forgetImages } from '../indexer/pulls/forget-images.ts';
import { createRegistryImageStore } from '../indexer/pulls/images-store.ts';
import { createPulls, type Pulls } from '../indexer/pulls/pulls.ts';
import { renameRepository } from '../indexer/pulls/rename-repository.ts';
import { createPullStore } from '../indexer/pulls/store.ts';
import { affectedManifestRoutes } from '../indexer/routes/affected-manifest.ts';
import { indexReportRoutes } from '../indexer/routes/index-report.ts';
import { manifestRoutes } from '../indexer/routes/manifests.ts';
import { isRegistryEvent, registryEventRoutes } from '../indexer/routes/registry-events.ts';
import { submitManifestRoutes } from '../indexer/routes/submit-manifest.ts';
import { runUpkeep } from '../indexer/run-upkeep.ts';
import { walkRegistries } from '../indexer/walk/walk-registry.ts';
import { createWalkStore } from '../indexer/walk/walk-store.ts';
import {
  measuredIndexer,
  measuredScanner,
  tellJobs,
  tellLookups,
  tellPulls,
} from '../introspection/metrics/measured-engines.ts';
import { createSealer, type Sealer } from '../lib/sealed-text.ts';
import { INDEXER_SCHEMA } from '../schemas.ts';
import { openDatabase } from './open-database.ts';
import { openDocuments } from './open-documents.ts';
import type { Part, PartContext } from './part.ts';

export interface IndexerPart extends Part {
  readonly indexer: Indexer;
  /** Those that were submitted to be indexed later. */
  readonly jobs: IndexJobs;
  /** Images of registries. */
  readonly pulls: Pulls;
  /** Of the logins that Harbor sends along. */
  readonly sealer: Sealer;
}

export async function indexerPart(context: PartContext): Promise<IndexerPart> {
  await using resources = new AsyncDisposableStack();
  const { config, log, now, signal, metrics } = context;
  const { airgap, layer_scan_concurrency: threads, scanner: scannerConfig } = config.indexer;
  const db = resources.use(await openDatabase('indexer', INDEXER_SCHEMA, config.indexer, context));
  const stored = resources.use(await openDocuments(config.store?.documents, db, context));
  const { documents } = stored;
  const limits = configuredLimits(config.indexer.layer_limits);
  const scanner = resources.use(
    new LayerScanner({ airgap, limits, standby: true, ...(threads && { threads }) }),
  );
  const resolving = { scanner: scannerConfig, airgap, now };
  const indexer = measuredIndexer(
    createIndexer({
      db,
      documents,
      compact: config.store?.compact ?? false,
      ecosystems,
      scanner: measuredScanner(scanner, metrics),
      log,
      now,
      resolving,
    }),
    metrics,
  );
  const { index_report_timeout: timeout, index_job_concurrency: concurrency } = config.indexer;
  const atOnce = concurrency === 0 ? availableParallelism() : Math.max(0, concurrency);
  const jobs = createIndexJobs({ store: createJobStore(db), indexer, log, concurrency: atOnce, timeout });
  tellJobs(jobs, metrics);
  tellLookups(indexer, metrics);
  const { registries, events } = config.indexer;
  const { harbor } = config;
  const images = createRegistryImageStore(db);
  const sealer = createSealer(`${harbor.password?.reveal()} ${harbor.token?.reveal()}`, 'registry logins');
  const pulls = createPulls({
    store: createPullStore(db),
    images,
    indexer,
    registries,
    airgap,
    log,
    timeout,
    concurrency: atOnce,
    retention: harbor.retention,
    loginOf(key, sealed) {
      const authorization = sealer.open(sealed, key);
      return authorization === undefined ? undefined : loginOf(authorization);
    },
  });
  tellPulls(pulls, metrics);
  const forget = forgetImages({ images, indexer, jobs, log });
  const rename = renameRepository({ images, indexer });
  const walked = registries.filter(({ walk_interval }) => walk_interval > 0).map(({ host }) => host);
  const walk = { registries, airgap, images, pulls, forget, state: indexer.state, log };
  const slots = createSlots(config.indexer.index_report_request_concurrency);
  const owned = resources.move();
  return {
    db,
    indexer,
    jobs,
    pulls,
    sealer,
    isOpen: (url) => events != null && isRegistryEvent(url),
    mount(app, cutOff) {
      submitManifestRoutes(app, { indexer, jobs, slots, timeout, stopping: cutOff });
      indexReportRoutes(app, { indexer, jobs });
      affectedManifestRoutes(app, indexer, cutOff);
      manifestRoutes(app, indexer);
      if (events != null)
        registryEventRoutes(app, { registries, secret: events.secret, pulls, forget, rename });
    },
    async run() {
      await Promise.all([
        jobs.run(signal),
        pulls.run(signal),
        walkRegistries({ ...walk, store: createWalkStore(db, walked) }, signal),
        runUpkeep(indexer, log, signal),
        stored.run(signal),
      ]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
