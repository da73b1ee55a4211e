/** For the test files of the indexer: a store of layers, a database and an indexer for the whole file, and what is stored. */
import { after, afterEach, before } from 'node:test';
import type { TarFile } from '../image/tar/writer.fixture.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import {
  indexerDatabase,
  type LayerStore,
  layerStore,
  type TestIndexer,
  testIndexer,
} from './indexing.fixture.ts';

const open = new AsyncDisposableStack();
export let store: LayerStore;
export let dsn = '';
export let one: TestIndexer;

before(async () => {
  store = open.use(await layerStore());
  const database = open.use(await indexerDatabase());
  dsn = database.dsn;
  one = open.use(await testIndexer(dsn));
});
after(() => open.disposeAsync());
afterEach(() => {
  store.intercept = () => false;
  store.fetched.length = 0;
});

let made = 0;
/** A layer that no other test has. */
export const layer = (...files: readonly TarFile[]): LayerReference =>
  store.layer(...files, { name: 'made', content: String(++made) });
export const words = (name: string, content: string) => ({ name: `${name}.words`, content });
export const database = (content: string) => ({ name: 'var/db', content });

export async function rows(text: string, ...values: unknown[]): Promise<unknown[]> {
  return (await one.db.query<Record<string, unknown>>({ text, values })).map((row) => Object.values(row)[0]);
}
/** With the facts of the layer as `layer`: their name goes with the detectors that there are. */
export const detectorsOf = async (hash: string) => {
  const stored = await rows(
    `
      select detector from layer_scan where layer = $1 and not starts_with(detector, 'all:')
      union
      select unnest(d.detectors) from layer_scan s join layer_detectors d on s.detector = 'all:' || d.digest
      where s.layer = $1 order by 1`,
    hash,
  );
  return [...new Set(stored.map((each) => String(each).replace(/^layer:3-[0-9a-f]{16}:file$/, 'layer')))];
};
export const stateOf = async ({ hash }: Manifest) => (await one.indexer.report(hash))?.state;

export async function finishedOf({ indexer }: TestIndexer, { hash }: Manifest): Promise<unknown> {
  const json = await indexer.indexReport(hash);
  return json && JSON.parse(json);
}

export const ALL = ['layer', 'system:1:package', 'words:1:package'];
