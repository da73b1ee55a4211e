/** A prebuilt database: all that feeds said, written from one store and copied into another. */
import { randomUUID } from 'node:crypto';
import type { Database, Session, Transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { type BundleHeader, openBundle, VERSION, writeBundle } from './bundle-format.ts';

/** Of the matcher's schema, in an order in which rows only refer to what is there already; what of each is worth taking. */
export const BUNDLE_TABLES: Readonly<Record<string, string>> = {
  feed_set: '',
  feed: '',
  // What a feed said before is history of the database that it was in.
  feed_run: 'where id in (select max(id) from feed_run group by feed)',
  scope: '',
  feed_scope: '',
  advisory_doc: 'where id in (select doc from advisory where until_run is null)',
  advisory: 'where until_run is null',
  feed_piece: '',
  enrichment: '',
  enrichment_block: '',
  pulled_layer: '',
  pulled_feed: '',
  pulled_chunk: '',
};

const LEDGER = 'matcher_migrations';

/** Writes the store as it is at this moment. */
export async function exportBundle(
  db: Database,
  write: (chunk: Buffer) => Promise<void>,
  now: Date,
): Promise<BundleHeader> {
  return await db.snapshot(async (tx) => {
    const [loaded] = await tx.query({ text: 'select from feed where last_success is not null limit 1' });
    if (loaded === undefined)
      throw new AppError('feed', 'no advisory feeds loaded. Run "clairctl db update" first');
    const tables: BundleHeader['tables'] = [];
    for (const name of Object.keys(BUNDLE_TABLES)) tables.push({ name, columns: await columnsOf(tx, name) });
    const id = randomUUID();
    const header = { version: VERSION, schema: await schemaOf(tx), created: now.toISOString(), id, tables };
    const rowsOf = async (table: string, read: (chunks: AsyncIterable<Buffer>) => Promise<void>) => {
      const columns = tables.find(({ name }) => name === table)?.columns.join(', ');
      await tx.copyOut(`copy (select ${columns} from ${table} ${BUNDLE_TABLES[table]}) to stdout`, read);
    };
    await writeBundle(header, rowsOf, write);
    return header;
  });
}

/** How a bundle is loaded. */
export interface ImportBundle {
  /** What messages call the file. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Also if it is the one that was loaded last. */
  readonly force?: boolean;
}

/** A bundle, and whether it was loaded: `here`, the last one that was; `busy`, another process is at it. */
export interface ImportedBundle {
  readonly header: BundleHeader;
  readonly state: 'loaded' | 'here' | 'busy';
}

/**
 * Replaces the store by a bundle; all or nothing. Reports wait until it is done; updates under way have to end first. Of
 * several processes with the same bundle one loads it, and the others do not wait. Throws `feed` if the file is damaged,
 * or of another schema than this database.
 */
export async function importBundle(
  db: Database,
  chunks: AsyncIterable<Uint8Array>,
  { name, signal, force = false }: ImportBundle,
): Promise<ImportedBundle> {
  const bundle = await openBundle(chunks, name);
  const { header } = bundle;
  await checkHeader(db, header, name);
  const id = header.id ?? header.created;
  if (!force && (await isLoaded(db, id))) return { header, state: 'here' };
  await using locks = new AsyncDisposableStack();
  const own = await db.tryLock(`bundle:${id}`);
  if (own === undefined) return { header, state: 'busy' };
  locks.use(own);
  const feeds = await lockFeeds(db, locks, signal);
  if (!force && (await isLoaded(db, id))) return { header, state: 'here' };
  const lock = AbortSignal.any([signal, ...feeds.signals]);
  await db.transaction(async (tx) => {
    await tx.query({ text: `lock table ${Object.keys(BUNDLE_TABLES).join(', ')} in access exclusive mode` });
    const others = await tx.query({
      text: `select from feed where kind || ':' || name <> all ($1::text[]) limit 1`,
      values: [feeds.names],
    });
    if (others.length > 0)
      throw new AppError('feed', 'feeds are being updated. Retry when the update has finished');
    const indexes = await dropIndexes(tx);
    await tx.query({ text: `truncate ${Object.keys(BUNDLE_TABLES).join(', ')}` });
    for (const table of bundle.header.tables) {
      const rows = async function* (): AsyncGenerator<Buffer> {
        for await (const bytes of bundle.rows()) {
          lock.throwIfAborted();
          yield bytes;
        }
      };
      await tx.copyIn(`copy ${table.name} (${table.columns.join(', ')}) from stdin with (freeze)`, rows());
    }
    await bundle.end();
    await tx.query({ text: `set local maintenance_work_mem = '256MB'` });
    for (const definition of indexes) {
      lock.throwIfAborted();
      await tx.query({ text: definition });
    }
    await moveSequences(tx);
    await tx.query({
      text: 'insert into loaded_bundle (id) values ($1) on conflict (single) do update set id = excluded.id',
      values: [id],
    });
  });
  await db.query({ text: `analyze ${Object.keys(BUNDLE_TABLES).join(', ')}` });
  return { header, state: 'loaded' };
}

async function isLoaded(db: Session, id: string): Promise<boolean> {
  const rows = await db.query({ text: 'select from loaded_bundle where id = $1', values: [id] });
  return rows.length > 0;
}

async function checkHeader(db: Database, { schema, tables }: BundleHeader, name: string): Promise<void> {
  const ours = await schemaOf(db);
  if (schema > ours)
    throw new AppError(
      'feed',
      `${name} has schema ${schema}, this database has ${ours}. Use the newer release that wrote it`,
    );
  if (schema < ours)
    throw new AppError(
      'feed',
      `${name} has schema ${schema}, this database has ${ours}. Export it again with this release`,
    );
  const wanted = Object.keys(BUNDLE_TABLES);
  if (tables.map((table) => table.name).join() !== wanted.join())
    throw new AppError('feed', `${name} is damaged: it does not contain the tables ${wanted.join(', ')}`);
  for (const table of tables) {
    if (table.columns.join() !== (await columnsOf(db, table.name)).join())
      throw new AppError('feed', `${name} has other columns of ${table.name} than this database`);
  }
}

/** Whoever updates a feed holds its lock from beginning to end, and knows it by a number that is another's afterwards. */
async function lockFeeds(
  db: Database,
  locks: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<{ names: string[]; signals: AbortSignal[] }> {
  const rows = await db.query<{ name: string }>({
    text: `select kind || ':' || name as name from feed order by 1`,
  });
  const signals: AbortSignal[] = [];
  for (const key of ['bundle', ...rows.map(({ name }) => `feed:${name}`)]) {
    const lock = locks.use(await db.lock(key, { signal }));
    signals.push(lock.signal);
  }
  return { names: rows.map(({ name }) => name), signals };
}

async function schemaOf(db: Session): Promise<number> {
  const [row] = await db.query<{ version: number }>({
    text: `select coalesce(max(version), 0) as version from ${LEDGER}`,
  });
  return row!.version;
}

async function columnsOf(db: Session, table: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>({
    text: `
      select attname as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
      order by attnum`,
    values: [table],
  });
  return rows.map(({ name }) => name);
}

/** Of the big tables, to which no other refers: they are made faster when the rows are there. Gives what makes them again. */
async function dropIndexes(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ drop: string; make: string }>({
    text: `
      select
        case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
          else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
        case when c.oid is null then pg_get_indexdef(i.indexrelid)
          else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as make
      from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
      where i.indrelid = any ($1::regclass[])`,
    values: [['advisory', 'advisory_doc', 'enrichment', 'enrichment_block']],
  });
  for (const { drop } of rows) await tx.query({ text: drop });
  return rows.map(({ make }) => make);
}

/** Numbers go on after those that were copied, and after those that others may have seen here. */
async function moveSequences(tx: Transaction): Promise<void> {
  for (const table of ['feed', 'feed_run', 'scope', 'advisory_doc', 'advisory']) {
    await tx.query({
      text: `
        select setval(s.name::regclass, greatest(nextval(s.name::regclass), (select coalesce(max(id), 0) from ${table})))
        from (select pg_get_serial_sequence('${table}', 'id') as name) s`,
    });
  }
}
