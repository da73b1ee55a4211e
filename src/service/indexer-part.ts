/** The indexer as a service: database, layer scanner, routes. */
import { ecosystems } from '../ecosystems/index.ts';
import { createIndexer, type Indexer } from '../indexer/indexer.ts';
import { LayerScanner } from '../indexer/layer-scanner.ts';
import { indexReportRoutes } from '../indexer/routes/index-report.ts';
import { INDEXER_SCHEMA } from '../schemas.ts';
import { openDatabase } from './open-database.ts';
import type { Part, PartContext } from './part.ts';

export interface IndexerPart extends Part {
  readonly indexer: Indexer;
}

export async function indexerPart({ config, log, now }: PartContext): Promise<IndexerPart> {
  await using resources = new AsyncDisposableStack();
  const { airgap, layer_scan_concurrency: threads, scanner: scannerConfig } = config.indexer;
  const db = resources.use(await openDatabase('indexer', INDEXER_SCHEMA, config.indexer));
  const scanner = resources.use(new LayerScanner({ airgap, ...(threads && { threads }) }));
  const resolving = { scanner: scannerConfig, airgap, now };
  const indexer = createIndexer({ db, ecosystems, scanner, log, resolving });
  const owned = resources.move();
  return {
    db,
    indexer,
    mount: (app, cutOff) => indexReportRoutes(app, indexer, cutOff),
    run: async () => {},
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
