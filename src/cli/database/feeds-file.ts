/** `scan --feeds FILE`: the advisories of one export of updaters, in a database of its own beside the usual one. */

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { connect, type Database } from '../../db/database.ts';
import { withDatabase } from '../../db/dsn.ts';
import { migrate } from '../../db/migrate.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { OFFLINE_READER } from '../../matcher/offline/import-operation.ts';
import { importOperations } from '../../matcher/offline/import-operations.ts';
import { MATCHER_SCHEMA } from '../../schemas.ts';
import { openInput, openRawInput } from '../terminal/input-source.ts';
import { spoolDir } from '../terminal/spool-dir.ts';

/** Where its database is made, and who is told. */
export interface FeedsFileOptions {
  readonly db: Database;
  readonly dsn: string;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The comment of a database that has all of its file. */
const WHOLE = 'loaded';

/**
 * The database with what `file` (path, URL, or `-`) says and nothing else. It is kept for the next scan with the same
 * content, until another file is loaded. Throws `bad-target` or `feed` if the file cannot be read.
 */
export async function openFeedsFile(
  file: string,
  { db, dsn, say, signal }: FeedsFileOptions,
): Promise<Database> {
  await using resources = new AsyncDisposableStack();
  say(`reading ${file} …`);
  const { path, digest } = resources.use(await keep(file, signal));
  // Scans with other files make and drop databases, too.
  resources.use(await db.lock('feeds-file', { signal }));
  const prefix = await prefixOf(db);
  const name = `${prefix}${digest.slice(0, 32)}`;
  const found = await loadedDatabases(db, prefix);
  if (!found.get(name)) {
    for (const other of found.keys()) await dropUnused(db, other);
    await createDatabase(db, name);
  }
  await using opened = new AsyncDisposableStack();
  const feeds = opened.use(await connect(withDatabase(dsn, name), { applicationName: 'clairctl' }));
  // A connection for as long as the scan takes: nobody drops a database that has one.
  opened.use(await feeds.lock(`scan ${randomUUID()}`, { signal }));
  await migrate(feeds, MATCHER_SCHEMA);
  if (!found.get(name)) {
    await load(feeds, path, { file, say, signal });
    await feeds.query({ text: `comment on database ${name} is '${WHOLE}'` });
  }
  const owned = opened.move();
  return { ...feeds, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Kept extends AsyncDisposable {
  readonly path: string;
  /** Of the content and of what reads it. */
  readonly digest: string;
}

/** What is no file is spooled: it has to be known before it is loaded. */
async function keep(file: string, signal: AbortSignal): Promise<Kept> {
  await using input = await openRawInput(file, signal);
  const hash = createHash('sha256').update(OFFLINE_READER);
  const digestOf = () => hash.digest('hex');
  if (await isFile(file)) {
    for await (const chunk of input.chunks) hash.update(chunk);
    return { path: file, digest: digestOf(), async [Symbol.asyncDispose]() {} };
  }
  await using folder = new AsyncDisposableStack();
  const place = await mkdtemp(join(spoolDir(), 'clair-feeds-'));
  folder.defer(() => rm(place, { recursive: true, force: true }));
  const path = join(place, 'feeds');
  await pipeline(
    input.chunks,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
    { signal },
  );
  const owned = folder.move();
  return { path, digest: digestOf(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Of the names of those that belong to `db`: a server may have several. */
async function prefixOf(db: Database): Promise<string> {
  const [row] = await db.query<{ oid: string }>({
    text: 'select oid::text from pg_database where datname = current_database()',
  });
  return `clair_feeds_${row!.oid}_`;
}

/** By name: whether it has all of its file. */
async function loadedDatabases(db: Database, prefix: string): Promise<ReadonlyMap<string, boolean>> {
  const rows = await db.query<{ name: string; whole: boolean }>({
    text: `
      select datname as name, coalesce(shobj_description(oid, 'pg_database') = $2, false) as whole
      from pg_database where starts_with(datname, $1)`,
    values: [prefix, WHOLE],
  });
  return new Map(rows.map(({ name, whole }) => [name, whole]));
}

/** One that another scan works with stays. */
async function dropUnused(db: Database, name: string): Promise<void> {
  await db.query({ text: `drop database if exists ${name}` }).catch(() => {});
}

async function createDatabase(db: Database, name: string): Promise<void> {
  try {
    await db.query({ text: `create database ${name} template template0` });
  } catch (cause) {
    throw new AppError(
      'database',
      `cannot create the separate database that --feeds requires: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function load(
  db: Database,
  path: string,
  { file, say, signal }: { readonly file: string } & Pick<FeedsFileOptions, 'say' | 'signal'>,
): Promise<void> {
  await using source = await openInput(path, undefined, signal);
  const results = await importOperations(
    { db, ecosystems, enrichers, now: () => new Date() },
    source.chunks,
    {
      name: file,
      strict: false,
      force: false,
      signal,
      onResult: ({ updater, rows }) => say(`${file}: ${updater}, ${counted(rows, 'record')}`),
    },
  );
  const failed = results.find(({ state }) => state === 'failed');
  if (failed !== undefined) throw new AppError('feed', `${file}: ${failed.updater}: ${failed.error}`);
  if (!results.some(({ state }) => state === 'imported'))
    throw new AppError('feed', `${file} contains no advisories that Clair supports`);
}
