/** Reads and writes `pulled_layer`, `pulled_feed` and `pulled_chunk`: what was loaded from published databases. */
import { encodeCopyRow, type Session } from '../../db/database.ts';

/** The part of a published database that the current rows of a feed come from. */
export interface PulledFeed {
  /** Digests (hex) of the chunks of its current rows. */
  readonly chunks: ReadonlySet<string>;
  /** Column `pieces` of `pulled_feed`. */
  readonly pieces: string;
}

/** Returns what a feed's rows come from; undefined if it is not a published database. */
export async function loadPulled(db: Session, feed: number): Promise<PulledFeed | undefined> {
  const [row] = await db.query<{ pieces: string; chunks: Buffer[] }>({
    name: 'load-pulled',
    text: `
      select p.pieces, array(select digest from pulled_chunk c where c.feed = p.feed) as chunks
      from pulled_feed p
      where p.feed = $1 and p.run = (select max(id) from feed_run r where r.feed = p.feed)`,
    values: [feed],
  });
  return row && { pieces: row.pieces, chunks: new Set(row.chunks.map((digest) => digest.toString('hex'))) };
}

/**
 * Returns what chunks (hex digests) contain: by the name of a vulnerability or CVE the sum (hex) of what they say of it,
 * '' if it is unknown.
 */
export async function loadSums(
  db: Session,
  feed: number,
  chunks: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.query<{ names: string[]; sums: Buffer }>({
    name: 'load-pulled-sums',
    text: 'select names, sums from pulled_chunk where feed = $1 and digest = any ($2::bytea[])',
    values: [feed, bytesOf(chunks)],
  });
  const known = new Map<string, string>();
  for (const { names, sums } of rows) {
    const bytes = sums.length / names.length;
    for (const [i, name] of names.entries())
      known.set(name, sums.toString('hex', i * bytes, (i + 1) * bytes));
  }
  return known;
}

export interface PulledChange {
  /** Digests of removed chunks; undefined: all. */
  readonly gone: readonly string[] | undefined;
  /** Lines of `pulledLine`. */
  readonly fresh: readonly Buffer[];
  /** undefined: unchanged. */
  readonly pieces: string | undefined;
}

/** A chunk as a line of COPY: in bytes, because a pull keeps those of all chunks until its rows are written. */
export function pulledLine(
  feed: number,
  digest: string,
  { names, sums }: { readonly names: readonly string[]; readonly sums: Buffer },
): Buffer {
  const line = encodeCopyRow([feed, Buffer.from(digest, 'hex'), names, sums]);
  // Not from the pool that small buffers share: each line would keep 64 KiB of it, most of which something else has used.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(line));
  bytes.write(line);
  return bytes;
}

/** Stores what the current rows of a feed come from. Call it after its run is stored. */
export async function savePulled(tx: Session, feed: number, change: PulledChange): Promise<void> {
  const { gone, fresh, pieces } = change;
  await tx.query({
    name: 'drop-pulled-chunks',
    text: 'delete from pulled_chunk where feed = $1 and ($2::bytea[] is null or digest = any ($2))',
    values: [feed, gone && bytesOf(gone)],
  });
  await tx.copyIn(
    'copy pulled_chunk (feed, digest, names, sums) from stdin',
    (async function* () {
      yield* fresh;
    })(),
  );
  await tx.query({
    name: 'save-pulled-feed',
    text: `
      insert into pulled_feed (feed, run, pieces)
      select $1, max(id), coalesce($2::text, '') from feed_run where feed = $1
      on conflict (feed) do update set run = excluded.run, pieces = coalesce($2::text, pulled_feed.pieces)`,
    values: [feed, pieces],
  });
}

function bytesOf(chunks: readonly string[]): Buffer[] {
  return chunks.map((digest) => Buffer.from(digest, 'hex'));
}

/** A layer of the published database that was requested last. */
export interface PulledLayer {
  readonly name: string;
  readonly repository: string;
  readonly digest: string;
  /** Scopes of `LayerEntry`. */
  readonly scopes: readonly string[];
  /** Creation time of the database. */
  readonly created: Date;
  /** Time of the last request to the repository. */
  readonly checked: Date;
  /** Digest of the loaded version; '': not loaded. */
  readonly loaded: string;
}

export async function loadPulledLayers(db: Session): Promise<PulledLayer[]> {
  return await db.query<PulledLayer>({
    name: 'load-pulled-layers',
    text: 'select name, repository, digest, scopes, created, checked, loaded from pulled_layer order by name',
  });
}

/** Stores the current layers. Loaded digests are kept. */
export async function saveLayers(db: Session, layers: readonly Omit<PulledLayer, 'loaded'>[]): Promise<void> {
  await db.query({
    name: 'save-pulled-layers',
    text: `
      with given as (
        select * from jsonb_to_recordset($1::jsonb) as given
          (name text, repository text, digest text, scopes text[], created timestamptz, checked timestamptz)
      ), gone as (
        delete from pulled_layer where name not in (select name from given)
      )
      insert into pulled_layer (name, repository, digest, scopes, created, checked)
      select * from given order by name
      on conflict (name) do update set
        repository = excluded.repository, digest = excluded.digest, scopes = excluded.scopes,
        created = excluded.created, checked = excluded.checked`,
    values: [JSON.stringify(layers)],
  });
}

/** Stores that a layer was loaded. */
export async function saveLoaded(db: Session, name: string, digest: string): Promise<void> {
  await db.query({
    name: 'save-pulled-layer',
    text: 'update pulled_layer set loaded = $2 where name = $1',
    values: [name, digest],
  });
}
