/** For the tests of the indexer: a store of layers on loopback, and indexers on databases of their own. */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { testDatabase } from '../db/database.fixture.ts';
import { connect, type Database } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { type TarFile, tarOf } from '../image/tar/writer.fixture.ts';
import { noLog } from '../lib/log.ts';
import { type Digest, parseDigest } from '../model/digest.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import { inRows, type StoredDocuments } from './documents/documents.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import { LayerScanner } from './layer-scanner.ts';

/** `sha256:<hex>` of bytes. */
export function digestOf(bytes: Buffer | string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

export interface LayerStore extends AsyncDisposable {
  /** Stores a gzipped layer of these files. */
  layer(...files: readonly TarFile[]): LayerReference;
  /** Stores a layer of these bytes. */
  blob(bytes: Buffer): LayerReference;
  /** What was asked for, in order. */
  readonly fetched: Digest[];
  /** Answers in place of the store; false: the store does. */
  intercept: (digest: Digest, response: ServerResponse) => boolean;
}

/** A store on a free port. */
export async function layerStore(): Promise<LayerStore> {
  const blobs = new Map<string, Buffer>();
  const fetched: Digest[] = [];
  const server = createServer((request, response) => {
    const digest = request.url?.slice(1) as Digest;
    fetched.push(digest);
    if (store.intercept(digest, response)) return;
    const bytes = blobs.get(digest);
    if (bytes === undefined) response.writeHead(404).end('not found\n');
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const store: LayerStore = {
    fetched,
    intercept: () => false,
    layer: (...files) => store.blob(gzipSync(tarOf(...files))),
    blob(bytes) {
      const hash = digestOf(bytes);
      blobs.set(hash, bytes);
      return { hash, uri: `http://127.0.0.1:${port}/${hash}`, headers: {} };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
}

/** A manifest of these layers. */
export function manifestOf(...layers: readonly LayerReference[]): Manifest {
  return { hash: digestOf(layers.map(({ hash }) => hash).join()), layers };
}

/** An empty, migrated database. */
export async function indexerDatabase(): Promise<{ readonly dsn: string } & AsyncDisposable> {
  const database = await testDatabase();
  await using db = await connect(database.dsn, { applicationName: 'indexer-test', max: 1 });
  await migrate(db, { ledger: 'indexer_migrations', directory: new URL('./migrations/', import.meta.url) });
  return database;
}

export interface TestIndexer extends AsyncDisposable {
  readonly indexer: Indexer;
  readonly db: Database;
  /** Indexes, and reads the JSON. */
  index(manifest: Manifest, signal?: AbortSignal): Promise<IndexReportWire>;
}

/** An indexer as a process of its own would have it; `words` is the revision of a detector of its ecosystems. */
export async function testIndexer(
  dsn: string,
  words = '1',
  documentsOf: (db: Database) => StoredDocuments = () => inRows,
  compact = false,
): Promise<TestIndexer> {
  await using resources = new AsyncDisposableStack();
  const ecosystemsModule = new URL(`./indexer.fixture.ts?words=${words}`, import.meta.url).href;
  const { ecosystems } = (await import(ecosystemsModule)) as { ecosystems: readonly Ecosystem[] };
  const db = resources.use(await connect(dsn, { applicationName: 'indexer-test' }));
  const scanner = resources.use(new LayerScanner({ threads: 2, ecosystemsModule, grace: 1000 }));
  const documents = documentsOf(db);
  const indexer = createIndexer({ db, documents, ecosystems, scanner, compact, log: noLog });
  const owned = resources.move();
  return {
    indexer,
    db,
    index: async (manifest, signal = AbortSignal.timeout(60_000)) =>
      JSON.parse(await indexer.index(manifest, { signal })) as IndexReportWire,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** `name version` of each package, in the order of the report. */
export function packagesOf({ packages }: IndexReportWire): string[] {
  return Object.values(packages).map(({ name, version }) => `${name} ${version}`);
}
