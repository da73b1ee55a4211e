/** From the manifests of a Clair of Go to index reports of this one. */
import { connect } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import { parseReference, type Reference } from '../../image/registry/reference.ts';
import { readRegistry } from '../../image/registry/registry.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type ClairApi, NotIndexed } from '../remote/clair-api.ts';

/** Rows read at once: a million manifests must not be held in memory. */
const PAGE = 1000;
const PARALLEL = 4;

/** Digests of manifests in the database of Clair's indexer at `dsn`, in their order; nothing is written. Throws `database`. */
export async function* manifestsOfClair(dsn: string): AsyncGenerator<Digest> {
  await using db = await connect(dsn, { applicationName: 'clairctl' });
  const tables = await db.query({
    text: "select from pg_class where relname = 'libindex_migrations' and pg_table_is_visible(oid)",
  });
  if (tables.length === 0) {
    throw new AppError(
      'database',
      '--from is no database of the indexer of Clair v4: it has no table libindex_migrations',
    );
  }
  for (let last = ''; ; ) {
    const rows = await db.query<{ hash: string }>({
      text: 'select hash from manifest where hash > $1 order by hash limit $2',
      values: [last, PAGE],
    });
    for (const { hash } of rows) yield parseDigest(hash);
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.hash;
  }
}

export interface ReindexOptions {
  readonly api: Pick<ClairApi, 'indexReport' | 'index'>;
  /** Names of repositories; a tag in them is ignored. */
  readonly repositories: readonly string[];
  readonly registry: RegistryFlags;
  readonly signal: AbortSignal;
  /** Takes the digests that are not indexed; then none is submitted. */
  readonly list?: (digest: Digest) => Promise<void>;
  readonly show: (text: string) => void;
  readonly note: (text: string) => void;
}

export interface Reindexed {
  known: number;
  indexed: number;
  /** In none of the repositories. */
  missing: number;
  failed: number;
}

/**
 * Has each of `digests` indexed, unless it is. What a repository or the service says of one manifest is noted, and the others go
 * on. Throws what concerns all of them: a service or database that does not answer.
 */
export async function reindex(digests: AsyncIterable<Digest>, options: ReindexOptions): Promise<Reindexed> {
  const { api, show, signal } = options;
  const places = options.repositories.map((name) => parseReference(name.replace(/^docker:\/\//, '')));
  const result: Reindexed = { known: 0, indexed: 0, missing: 0, failed: 0 };
  const waiting = digests[Symbol.asyncIterator]();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const { value: digest, done: ended } = await waiting.next();
      if (ended) return;
      result[await one(digest, places, options, api)] += 1;
      done += 1;
      show(`${done} manifests: ${result.indexed} indexed, ${result.known} already indexed …`);
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  } finally {
    await waiting.return?.(undefined); // closes the database
  }
  return result;
}

async function one(
  digest: Digest,
  places: Reference[],
  { list, registry, signal, note }: ReindexOptions,
  api: ReindexOptions['api'],
): Promise<keyof Reindexed> {
  const { status } = await api.indexReport(digest, '');
  if (status !== 'unknown') return 'known';
  if (list !== undefined) {
    await list(digest);
    return 'missing';
  }
  const found = await find(digest, places, registry, signal);
  if (typeof found === 'string') {
    note(`${digest}: ${found}`);
    return 'missing';
  }
  try {
    await api.index(found);
    return 'indexed';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotIndexed)) throw error;
    note(`${digest}: ${error.message}`);
    return 'failed';
  }
}

/** The manifest in the first of `places` that has it; a text says why none has. What was found last is asked first the next time. */
async function find(
  digest: Digest,
  places: Reference[],
  registry: RegistryFlags,
  signal: AbortSignal,
): Promise<Manifest | string> {
  let reason = 'in none of the repositories';
  for (const place of [...places]) {
    const { host, repository } = place;
    try {
      const manifest = await readRegistry({ host, repository, digest } as Reference, {
        insecure: false,
        ...registry,
        env: process.env,
        signal,
      });
      places.splice(places.indexOf(place), 1);
      places.unshift(place);
      return manifest;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      if (!/not found|404/.test(error.message)) reason = error.message;
    }
  }
  return reason;
}
