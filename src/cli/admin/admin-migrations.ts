/** The schemas of the services' databases, as `clairctl admin` sees them. */
import { hasDelivery } from '../../config/check-mode.ts';
import type { Config } from '../../config/schema.ts';
import { connect, type Database } from '../../db/database.ts';
import { migrate, pendingMigrations } from '../../db/migrate.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA, NOTIFIER_SCHEMA, type Schema } from '../../schemas.ts';

export const SCHEMAS = {
  indexer: INDEXER_SCHEMA,
  matcher: MATCHER_SCHEMA,
  notifier: NOTIFIER_SCHEMA,
} as const satisfies Record<string, Schema>;

export type ServiceName = keyof typeof SCHEMAS;

export const SERVICES = Object.keys(SCHEMAS) as readonly ServiceName[];

/** The services that `config` has: without somewhere to deliver to there is no notifier. */
export function configured(config: Config): readonly ServiceName[] {
  return SERVICES.filter((service) => service !== 'notifier' || hasDelivery(config));
}

/** Runs what has not run yet; gives its names. Throws `database`. */
export async function migrateService(service: ServiceName, config: Config): Promise<readonly string[]> {
  await using db = await open(service, config);
  const pending = await pendingMigrations(db, SCHEMAS[service]);
  await migrate(db, SCHEMAS[service]);
  return pending;
}

/** The names of the migrations that are still to be run. Throws `database`. */
export async function pendingOf(service: ServiceName, config: Config): Promise<readonly string[]> {
  await using db = await open(service, config);
  return await pendingMigrations(db, SCHEMAS[service]);
}

function open(service: ServiceName, config: Config): Promise<Database> {
  return connect(config[service]?.connstring.reveal() ?? '', { applicationName: 'clairctl' });
}
