/** The database of one of the services, with a schema that this program knows. */
import { connect } from '../db/database.ts';
import { clairServices, migrate, pendingMigrations } from '../db/migrate.ts';
import { AppError } from '../errors.ts';
import { type MeasuredDatabase, measuredDatabase } from '../introspection/metrics/measured-database.ts';
import type { Secret } from '../lib/secret.ts';
import type { Schema } from '../schemas.ts';
import type { PartContext } from './part.ts';

/** Throws `database` if it does not answer, or its schema is older or newer than it should be. */
export async function openDatabase(
  service: string,
  schema: Schema,
  { connstring, migrations }: { readonly connstring: Secret; readonly migrations: boolean },
  { metrics, log, signal }: Pick<PartContext, 'metrics' | 'log' | 'signal'>,
): Promise<MeasuredDatabase> {
  const onWait = (reason: string): void => log.warn('waiting for the database', { service, reason });
  const db = await connect(connstring.reveal(), { applicationName: `clair-${service}`, signal, onWait });
  try {
    if (migrations) await migrate(db, schema);
    const pending = await pendingMigrations(db, schema);
    if (pending.length > 0) {
      const others = await clairServices(db);
      if (others !== undefined) {
        throw new AppError(
          'database',
          `the ${service} database is one of Clair v4 in Go (${others.join(', ')}), which this program cannot read. Use a separate, empty database, and index its images again: docs/how-to/migrate-from-clair.md#index-the-images-again`,
        );
      }
      throw new AppError(
        'database',
        `the ${service} database lacks ${pending.join(', ')}: set ${service}.migrations to true, or migrate it by hand`,
      );
    }
    return measuredDatabase(db, service, metrics);
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}
