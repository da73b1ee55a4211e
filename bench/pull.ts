/** A published database of production size: what it weighs, and what pulling all of it, a part of it, and the next day's costs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openLayout } from '../src/artifact/layout.ts';
import { pushLayout } from '../src/artifact/push-layout.ts';
import { connect } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { enrichers } from '../src/enrichers/index.ts';
import { startRegistry } from '../src/image/registry/server.fixture.ts';
import { createMatcher } from '../src/matcher/matcher.ts';
import { buildDatabase } from '../src/matcher/published/build.ts';
import { DEFAULT_TAG } from '../src/matcher/published/open-first.ts';
import { MATCHER_SCHEMA } from '../src/schemas.ts';
import { generateFeeds } from './feeds-generator.ts';
import type { Bench, Report } from './figures.ts';
import { NEXT_DAY, serveFeeds } from './scale-feeds.ts';
import { type ScaleServer, startServer } from './scale-postgres.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** Of an image of Debian with Python. */
const IMAGE = 'debian:,pypi';

/** At most, at production size: CPU s with PostgreSQL's, MB beyond the start of the process, MB fetched. */
type Limits = Readonly<Partial<Record<'cpu' | 'memory' | 'fetched', number>>>;
const FIRST: Limits = { cpu: 6, memory: 150, fetched: 12 };
const NEXT_DAY_LIMITS: Limits = { cpu: 2, memory: 150, fetched: 12 };
const ALL: Limits = { cpu: 25 };

export const benchPull: Bench = async (report, { feeds, size }) => {
  await using resources = new AsyncDisposableStack();
  const isGiven = size === undefined && existsSync(join(feeds, NEXT_DAY));
  const folder = mkdtempSync(join(tmpdir(), 'clair-pull-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const generated = join(folder, 'generated');
  if (!isGiven) await generateFeeds(generated, size ?? 0.1);
  const upstream = resources.use(await serveFeeds(isGiven ? feeds : generated));
  const server = resources.use(await startServer());
  const registry = resources.use(await startRegistry());
  const repository = `${registry.host}/bench/database`;
  await migrate(server.matcher, MATCHER_SCHEMA);
  const layout = await openLayout(join(folder, 'database'));

  const publish = async (day: string): Promise<void> => {
    await using db = await connect(server.dsn('matcher'), { applicationName: 'bench' });
    const matcher = createMatcher({
      db,
      ecosystems,
      enrichers,
      indexer: { indexReport: async () => undefined },
      now: () => new Date(),
    });
    const results = await matcher.updateFeeds({ ...upstream.updaters, signal });
    const failed = results.filter(({ state }) => state === 'failed');
    for (const { name, error } of failed) console.error(`${name}: ${error}`);
    if (failed.length > 0) process.exitCode = 1;
    report(
      `${day}_update_changes`,
      results.reduce((sum, { added, removed }) => sum + added + removed, 0),
      'rows',
    );
    const start = process.cpuUsage();
    const { config } = await buildDatabase(db, layout, { tag: DEFAULT_TAG, signal });
    const { user, system } = process.cpuUsage(start);
    report(`${day}_build_cpu`, (user + system) / 1e6, 's');
    for (const { name, size: bytes } of config.layers)
      console.log(`# ${name}: ${(bytes / 1e6).toFixed(2)} MB`);
    report(`${day}_database`, config.layers.reduce((sum, layer) => sum + layer.size, 0) / 1e6, 'MB');
    await pushLayout(layout.folder, repository, {
      registry: { insecure: false, env: {}, signal },
      tag: DEFAULT_TAG,
    });
  };

  for (const name of ['image', 'whole']) await server.matcher.query({ text: `create database ${name}` });
  await publish('first');
  const image = { server, database: 'image', repository, scopes: IMAGE } as const;
  const all = { server, database: 'whole', repository } as const;
  await measurePull(report, 'image', { ...image, limits: FIRST });
  await measurePull(report, 'all', { ...all, limits: ALL });
  await measurePull(report, 'image_again', { ...image, limits: NEXT_DAY_LIMITS });
  if (!upstream.nextDay()) return;
  await publish('next_day');
  await measurePull(report, 'image_next_day', { ...image, limits: NEXT_DAY_LIMITS });
  await measurePull(report, 'all_next_day', { ...all, limits: {} });
};

interface Pull {
  readonly server: ScaleServer;
  readonly database: 'image' | 'whole';
  readonly repository: string;
  readonly scopes?: string;
  readonly limits: Limits;
}

async function measurePull(
  report: Report,
  name: string,
  { server, database, repository, scopes, limits }: Pull,
): Promise<void> {
  const dsn = server.dsn('matcher').replace('dbname=matcher', `dbname=${database}`);
  const before = server.cpu();
  const script = join(import.meta.dirname, 'pull-once.ts');
  const args = [script, dsn, repository, ...(scopes === undefined ? [] : [scopes])];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1024 ** 2 });
  const took = JSON.parse(stdout) as Record<string, number> & { readonly failed: readonly string[] };
  for (const reason of took.failed) console.error(reason);
  if (took.failed.length > 0) process.exitCode = 1;
  report(`${name}_cpu`, took.cpu! + server.cpu() - before, 's', limits.cpu);
  report(`${name}_cpu_process`, took.cpu!, 's');
  report(`${name}_wall`, took.wall!, 's');
  report(`${name}_memory`, took.memory! / 1e6, 'MB', limits.memory);
  report(`${name}_fetched`, took.bytes! / 1e6, 'MB', limits.fetched);
  report(`${name}_changes`, took.added! + took.removed!, 'rows');
}
