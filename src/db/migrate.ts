/** Brings a schema up to date by numbered SQL files, forward only. */
import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import { lockNumber } from './advisory-locks.ts';
import type { Database, Session } from './database.ts';
import { listMigrations, type Migration, type MigrationOptions } from './migration-files.ts';
import { requireServerVersion } from './server-version.ts';

/** PostgreSQL, appendix A: duplicate_table. */
const DUPLICATE_TABLE = '42P07';

/**
 * Runs what has not run yet, each file in a transaction of its own. Several processes may start at once: the lock
 * is the transaction's, so that it works through PgBouncer, too. Throws `database` when a file fails, or when
 * the schema is newer than this program, or the server too old.
 */
export async function migrate(db: Database, options: MigrationOptions): Promise<void> {
  await requireServerVersion(db);
  const migrations = await listMigrations(options);
  while ((await outstanding(db, migrations, options)).length > 0) {
    await db.transaction((tx) => runNext(tx, migrations, options));
  }
}

/** The names of the files that `migrate` would run, in order. */
export async function pendingMigrations(db: Database, options: MigrationOptions): Promise<readonly string[]> {
  await requireServerVersion(db);
  const pending = await outstanding(db, await listMigrations(options), options);
  return pending.map(({ name }) => name);
}

/** Ledgers of migrations that Clair v4 has, and what its services call themselves. */
const CLAIR_LEDGERS: Readonly<Record<string, string>> = {
  libindex_migrations: 'indexer',
  libvuln_migrations: 'matcher',
  notifier_migrations: 'notifier',
};

/** Which services of Clair v4 (Go) have their tables in the database; undefined: none. */
export async function clairServices(db: Session): Promise<readonly string[] | undefined> {
  const rows = await db.query<{ relname: string }>({
    text: 'select relname from pg_class where relname = any($1) and pg_table_is_visible(oid) order by relname',
    values: [Object.keys(CLAIR_LEDGERS)],
  });
  return rows.length === 0 ? undefined : rows.map(({ relname }) => CLAIR_LEDGERS[relname]!);
}

async function runNext(
  tx: Session,
  migrations: readonly Migration[],
  options: MigrationOptions,
): Promise<void> {
  const { ledger, directory } = options;
  await tx.query({
    text: 'select pg_advisory_xact_lock($1)',
    values: [lockNumber(`migrations:${ledger}`).toString()],
  });
  const [next] = await outstanding(tx, migrations, options);
  if (next === undefined) return; // another process was faster
  const sql = await readFile(new URL(next.name, directory), 'utf8');
  await tx.query({
    text: `create table if not exists ${ledger} (version int primary key, name text not null, ran_at timestamptz not null default now())`,
  });
  try {
    await tx.query({ text: sql });
  } catch (cause) {
    const isForeign = next.version === 1 && (cause as { code?: string }).code === DUPLICATE_TABLE;
    const hint = isForeign
      ? ': the database belongs to another program, possibly Clair v4. Use a separate, empty database'
      : '';
    throw new AppError('database', `migration ${next.name} of ${ledger} failed: ${messageOf(cause)}${hint}`, {
      cause,
    });
  }
  await tx.query({
    text: `insert into ${ledger} (version, name) values ($1, $2)`,
    values: [next.version, next.name],
  });
}

async function outstanding(
  db: Session,
  migrations: readonly Migration[],
  { ledger }: MigrationOptions,
): Promise<readonly Migration[]> {
  // Not to_regclass: after waiting for the lock its cache may not know yet what the other process committed.
  const tables = await db.query({
    text: 'select from pg_class where relname = $1 and pg_table_is_visible(oid)',
    values: [ledger],
  });
  if (tables.length === 0) return migrations;
  const rows = await db.query<{ version: number }>({
    text: `select version from ${ledger} order by version`,
  });
  const last = rows.at(-1)?.version ?? 0;
  const known = migrations.at(-1)?.version ?? 0;
  if (last > known) {
    throw new AppError(
      'database',
      `database schema ${ledger} is at version ${last}, newer than this release (${known}). ` +
        'Run the newer release, restore a backup, or use another database',
    );
  }
  return migrations.slice(last);
}
