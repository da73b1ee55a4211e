/**
 * What a store of very many manifests costs: half of them are loaded and measured, then the other half, so that each figure
 * has a slope: its cost at twice the number, divided by its cost before. 1: constant, 2: in proportion.
 */
import { connect, type Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createIndexer, type Indexer } from '../src/indexer/indexer.ts';
import { noLog } from '../src/lib/log.ts';
import { INDEXER_SCHEMA } from '../src/schemas.ts';
import type { Bench, Report } from './figures.ts';
import { cpuOf, quantile } from './measure.ts';
import { measureAffected, measureNotifier } from './million-affected.ts';
import { copyManifests } from './million-copies.ts';
import { tellGoals } from './million-goals.ts';
import { measureMixed } from './million-mixed.ts';
import { measureRefill, measureReplicas } from './million-refill.ts';
import { COMPACT, dice, loadManifests, someManifest } from './million-store.ts';
import { type ScaleServer, startServer, vacuumed } from './scale-postgres.ts';

const MANIFESTS = 50_000;
const DELETES = 500;

/** One figure as it was measured at some number of manifests. */
export type Figures = Map<string, { readonly value: number; readonly unit: string; readonly slope: boolean }>;

export interface Measured {
  readonly server: ScaleServer;
  readonly db: Database;
  readonly indexer: Indexer;
  readonly manifests: number;
  readonly signal: AbortSignal;
  /** `slope`: whether it is compared with the same at half the number. */
  figure(name: string, value: number, unit: string, slope?: boolean): void;
}

export const benchMillion: Bench = async (report, { manifests = MANIFESTS, saved = MANIFESTS }) => {
  await using server = await startServer();
  await using db = await connect(server.dsn('indexer'), { applicationName: 'bench' });
  await migrate(db, INDEXER_SCHEMA);
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const indexer = createIndexer({ db, ecosystems, scanner, compact: COMPACT, log: noLog });
  const { signal } = new AbortController();
  let loaded = 0;
  const seen: Figures[] = [];
  for (const part of [Math.floor(manifests / 2), manifests]) {
    const figures: Figures = new Map();
    seen.push(figures);
    const figure: Measured['figure'] = (name, value, unit, slope = true) =>
      figures.set(name, { value, unit, slope });
    const measured = { server, db, indexer, manifests: part, signal, figure };
    await load(measured, loaded, saved);
    loaded = part;
    await measureSizes(measured);
    await measureAffected(measured);
    await measureNotifier(measured);
    await measureRefill(measured);
    await measureReplicas(measured);
    await measureMixed(measured);
    await measureDeletes(measured);
    tell(report, part, figures);
  }
  const [half, whole] = seen as [Figures, Figures];
  for (const [name, { value, slope }] of whole) {
    const before = half.get(name)?.value;
    if (slope && before !== undefined && before > 0) report(`slope_${name}`, value / before, 'times');
  }
  tellGoals(report, half, whole);
};

function tell(report: Report, manifests: number, figures: Figures): void {
  for (const [name, { value, unit }] of figures) report(`${manifests}_${name}`, value, unit);
}

/** Stores manifests until there are as many as is to be measured: the first `saved` as the indexer does, the others as copies. */
async function load({ server, db, manifests, figure }: Measured, from: number, saved: number): Promise<void> {
  const [start, cpu, own] = [performance.now(), server.cpu(), cpuOf('self').own];
  const to = Math.min(manifests, saved);
  if (from < to) {
    await loadManifests(db, from, to);
    figure('load_cpu', ((cpuOf('self').own - own) / (to - from)) * 1000, 'ms/manifest');
    figure('load_postgres_cpu', ((server.cpu() - cpu) / (to - from)) * 1000, 'ms/manifest');
  }
  await copyManifests(db, saved, { from: Math.max(from, saved), to: manifests });
  await db.query({ text: 'vacuum analyze' });
  figure('load_wall', (performance.now() - start) / 1000, 's', false);
}

async function measureSizes({ db, figure }: Measured): Promise<void> {
  const [row] = await db.query<{ layers: number; scans: number; manifests: number }>({
    text: `
      select (select count(distinct layer) from manifest_layer)::int8 as layers,
        (select count(*) from layer_scan)::int8 as scans,
        (select count(*) from manifest)::int8 as manifests`,
  });
  const size = async (...tables: string[]): Promise<number> =>
    (
      await db.query<{ size: number }>({
        text: 'select sum(pg_total_relation_size(name::regclass))::int8 as size from unnest($1::text[]) as t (name)',
        values: [tables],
      })
    )[0]!.size;
  const scans = await size('layer_scan');
  figure('layer_rows', row!.scans / row!.layers, 'rows/layer', false);
  figure('layer_size', scans / row!.layers, 'bytes/layer');
  figure('layer_size_of_a_million', (scans / row!.manifests) * (1_000_000 / 1e9), 'GB', false);
  for (const [table, bytes] of await measureTables(db))
    figure(`size_${table}`, bytes / row!.manifests, 'bytes/manifest');
  await db.query({ text: REFERENCES });
  const [references, documents] = [await size('report_reference'), await size('document')];
  figure('size_references', references / row!.manifests, 'bytes/manifest');
  figure('size_documents', documents / row!.manifests, 'bytes/manifest');
  await db.query({ text: 'drop table report_reference; truncate document' });
}

/** What would be left in the database if all reports were in a store of objects. */
const REFERENCES = `
  create table report_reference (like index_report including all);
  insert into report_reference (manifest, state, indexer_state, report)
  select m.id, r.state, r.indexer_state, 'document:' || m.digest || ':0000200000'
  from manifest m join index_report r on r.manifest = m.id order by m.id;
  insert into document (digest, size, loose) select digest, 200000, null from manifest`;

/** Bytes of each table that is not next to nothing, with its indexes. */
async function measureTables(db: Database): Promise<(readonly [table: string, bytes: number])[]> {
  const rows = await db.query<{ name: string; bytes: number }>({
    text: `
      select relname as name, pg_total_relation_size(oid)::int8 as bytes from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_total_relation_size(oid) > 1000000
      order by bytes desc`,
  });
  return rows.map(({ name, bytes }) => [name, bytes]);
}

async function measureDeletes({ server, db, indexer, manifests, signal, figure }: Measured): Promise<void> {
  const next = dice(manifests);
  await indexer.sweep(signal); // what other measurements have left
  await vacuumed(db);
  const times: number[] = [];
  const cpu = server.cpu();
  for (let n = 0; n < DELETES; n++) {
    const hash = await someManifest(db, next(manifests));
    const start = performance.now();
    await indexer.delete([hash]);
    times.push(performance.now() - start);
  }
  const deleted = server.cpu();
  figure('delete_p50', quantile(times, 0.5), 'ms');
  figure('delete_postgres_cpu', ((deleted - cpu) / DELETES) * 1000, 'ms');
  await indexer.sweep(signal);
  figure('sweep_postgres_cpu', ((server.cpu() - deleted) / DELETES) * 1000, 'ms');
}
