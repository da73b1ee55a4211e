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
import { dice, loadManifests, madeManifest } from './million-store.ts';
import { type ScaleServer, startServer } from './scale-postgres.ts';

const MANIFESTS = 50_000;
const DELETES = 50;

/** One figure as it was measured at some number of manifests. */
type Figures = Map<string, { readonly value: number; readonly unit: string; readonly slope: boolean }>;

export interface Measured {
  readonly server: ScaleServer;
  readonly db: Database;
  readonly indexer: Indexer;
  readonly manifests: number;
  readonly signal: AbortSignal;
  /** `slope`: whether it is compared with the same at half the number. */
  figure(name: string, value: number, unit: string, slope?: boolean): void;
}

export const benchMillion: Bench = async (report, { manifests = MANIFESTS }) => {
  await using server = await startServer();
  await using db = await connect(server.dsn('indexer'), { applicationName: 'bench' });
  await migrate(db, INDEXER_SCHEMA);
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
  const { signal } = new AbortController();
  let loaded = 0;
  const seen: Figures[] = [];
  for (const part of [Math.floor(manifests / 2), manifests]) {
    const figures: Figures = new Map();
    seen.push(figures);
    const figure: Measured['figure'] = (name, value, unit, slope = true) =>
      figures.set(name, { value, unit, slope });
    const measured = { server, db, indexer, manifests: part, signal, figure };
    await load(measured, loaded);
    loaded = part;
    await measureSizes(measured);
    await measureAffected(measured);
    await measureNotifier(measured);
    await measureDeletes(measured);
    tell(report, part, figures);
  }
  const [half, whole] = seen as [Figures, Figures];
  for (const [name, { value, slope }] of whole) {
    const before = half.get(name)?.value;
    if (slope && before !== undefined && before > 0) report(`slope_${name}`, value / before, 'times');
  }
};

function tell(report: Report, manifests: number, figures: Figures): void {
  for (const [name, { value, unit }] of figures) report(`${manifests}_${name}`, value, unit);
}

async function load({ server, db, manifests, figure }: Measured, from: number): Promise<void> {
  const [start, cpu, own] = [performance.now(), server.cpu(), cpuOf('self').own];
  await loadManifests(db, from, manifests);
  await db.query({ text: 'vacuum analyze' });
  const count = manifests - from;
  figure('load_wall', (performance.now() - start) / 1000, 's', false);
  figure('load_cpu', ((cpuOf('self').own - own) / count) * 1000, 'ms');
  figure('load_postgres_cpu', ((server.cpu() - cpu) / count) * 1000, 'ms');
}

async function measureSizes({ db, figure }: Measured): Promise<void> {
  const [row] = await db.query<{ layers: number; manifests: number }>({
    text: `
      select (select count(distinct layer) from manifest_layer)::int8 as layers,
        (select count(*) from manifest)::int8 as manifests`,
  });
  const size = async (...tables: string[]): Promise<number> =>
    (
      await db.query<{ size: number }>({
        text: 'select sum(pg_total_relation_size(name::regclass))::int8 as size from unnest($1::text[]) as t (name)',
        values: [tables],
      })
    )[0]!.size;
  figure('layer_size', (await size('layer_scan')) / row!.layers, 'bytes/layer');
  figure('report_size', (await size('index_report')) / row!.manifests, 'bytes/manifest');
  figure('lookups_size', (await size('finding', 'manifest_finding')) / row!.manifests, 'bytes/manifest');
}

async function measureDeletes({ server, indexer, manifests, signal, figure }: Measured): Promise<void> {
  const next = dice(manifests);
  const times: number[] = [];
  const cpu = server.cpu();
  for (let n = 0; n < DELETES; n++) {
    const { hash } = madeManifest(next(manifests));
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
