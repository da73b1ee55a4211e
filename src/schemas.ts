/** The database schemas of the services: a ledger each, so that they may share one database. */

export interface Schema {
  /** Table that names the migrations done. */
  readonly ledger: string;
  /** Folder of `NNN-what.sql`. */
  readonly directory: URL;
}

export const INDEXER_SCHEMA: Schema = {
  ledger: 'indexer_migrations',
  directory: new URL('./indexer/migrations/', import.meta.url),
};

export const MATCHER_SCHEMA: Schema = {
  ledger: 'matcher_migrations',
  directory: new URL('./matcher/migrations/', import.meta.url),
};

export const NOTIFIER_SCHEMA: Schema = {
  ledger: 'notifier_schema', // notifier_migrations is Clair's, and has other columns
  directory: new URL('./notifier/migrations/', import.meta.url),
};
