/** The running service: databases, engines, the feed loop and the two listeners, started and stopped in order. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config/schema.ts';
import { connect, type Database } from './db/database.ts';
import { migrate, pendingMigrations } from './db/migrate.ts';
import { ecosystems } from './ecosystems/index.ts';
import { enrichers } from './enrichers/index.ts';
import { AppError, messageOf } from './errors.ts';
import { createIntrospection } from './http/introspection.ts';
import { createServer } from './http/server.ts';
import { createIndexer } from './indexer/indexer.ts';
import { LayerScanner } from './indexer/layer-scanner.ts';
import { indexReportRoutes } from './indexer/routes/index-report.ts';
import type { Log } from './lib/log.ts';
import { feedLoop } from './matcher/feed-loop.ts';
import { createMatcher } from './matcher/matcher.ts';
import { vulnerabilityReportRoutes } from './matcher/routes/vulnerability-report.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA, type Schema } from './schemas.ts';

export interface ServiceParts {
  readonly config: Config;
  readonly log: Log;
  /** Aborted to stop the service. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** How long requests may go on after the service was asked to stop. */
const DRAIN = 10_000;

/** Runs indexer and matcher in this process until `signal` is aborted. Throws what keeps it from starting. */
export async function startService({ config, log, signal, now }: ServiceParts): Promise<void> {
  await using resources = new AsyncDisposableStack();
  let databases: Database[] = [];
  const introspection = createIntrospection(async () => {
    if (signal.aborted || databases.length === 0) return false;
    await Promise.all(databases.map((db) => db.query({ name: 'ping', text: 'select 1' })));
    return true;
  });
  await listen(introspection, config.introspection_addr);
  resources.defer(() => closeNow(introspection));

  const indexerDb = resources.use(await openDatabase('indexer', INDEXER_SCHEMA, config.indexer));
  const matcherDb = resources.use(await openDatabase('matcher', MATCHER_SCHEMA, config.matcher));
  const scanner = resources.use(
    new LayerScanner({
      airgap: config.indexer.airgap,
      ...(config.indexer.layer_scan_concurrency && { threads: config.indexer.layer_scan_concurrency }),
    }),
  );
  const indexer = createIndexer({
    db: indexerDb,
    ecosystems,
    scanner,
    log,
    resolving: { scanner: config.indexer.scanner, airgap: config.indexer.airgap },
  });
  const matcher = createMatcher({
    db: matcherDb,
    ecosystems,
    enrichers: config.matcher.disable_enrichment ? [] : enrichers,
    indexer,
    now,
    log,
  });

  const app = createServer({ log });
  const cutOff = new AbortController();
  indexReportRoutes(app, indexer, cutOff.signal);
  vulnerabilityReportRoutes(app, matcher, { cacheAge: config.matcher.cache_age ?? config.matcher.period });
  await listenApp(app, config.http_listen_addr);
  resources.defer(() => drain(app, cutOff));

  databases = [indexerDb, matcherDb];
  log.info('ready', { http_listen_addr: config.http_listen_addr });
  const loop = feedLoop(matcher, {
    period: config.matcher.period,
    sets: config.matcher.disable_updaters ? [] : (config.updaters.sets ?? undefined),
    config: config.updaters.config,
    retention: config.matcher.update_retention,
    signal,
    log,
  });
  if (!signal.aborted) await once(signal, 'abort');
  log.info('stopping');
  await loop;
}

async function openDatabase(
  service: string,
  schema: Schema,
  { connstring, migrations }: { connstring: string; migrations: boolean },
): Promise<Database> {
  const db = await connect(connstring, { applicationName: `clair-${service}` });
  try {
    if (migrations) await migrate(db, schema);
    const pending = await pendingMigrations(db, schema);
    if (pending.length > 0) {
      throw new AppError(
        'database',
        `the ${service} database lacks ${pending.join(', ')}: set ${service}.migrations to true, or migrate it by hand`,
      );
    }
    return db;
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError(
      'bad-config',
      `cannot listen on ${JSON.stringify(address)}: the port must be a number`,
    );
  }
  return { host: host || '::', port };
}

async function listen(server: Server, address: string): Promise<void> {
  const { host, port } = hostAndPort(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(address, error)));
    server.listen({ host, port }, resolve);
  });
}

async function listenApp(app: FastifyInstance, address: string): Promise<void> {
  await app.listen(hostAndPort(address)).catch((error: unknown) => {
    throw listenError(address, error);
  });
}

function listenError(address: string, cause: unknown): AppError {
  return new AppError('bad-config', `cannot listen on ${address}: ${messageOf(cause)}`, { cause });
}

/** Lets running requests end, for a while; then ends them and closes every connection. */
async function drain(app: FastifyInstance, cutOff: AbortController): Promise<void> {
  const timer = setTimeout(() => {
    cutOff.abort(new AppError('not-ready', 'the service is stopping: submit again'));
    app.server.closeAllConnections();
  }, DRAIN);
  app.server.closeIdleConnections();
  await app.close();
  clearTimeout(timer);
}

async function closeNow(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
