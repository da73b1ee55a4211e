/** What was loaded from published databases: reading and writing `pulled_layer`, `pulled_feed` and `pulled_chunk`. */
import { encodeCopyRow, type Session } from '../../db/database.ts';

/** What of a feed's rows came from a published database. */
export interface PulledFeed {
  /** Digests (hex) of the chunks that its current rows are. */
  readonly chunks: ReadonlySet<string>;
  /** See `pulled_feed`. */
  readonly pieces: string;
}

/** undefined: its rows are not, or not any more, those of a published database. */
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

/** The names that chunks (hex) spoke of. */
export async function loadNames(db: Session, feed: number, chunks: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ name: string }>({
    name: 'load-pulled-names',
    text: 'select distinct unnest(names) as name from pulled_chunk where feed = $1 and digest = any ($2::bytea[])',
    values: [feed, bytesOf(chunks)],
  });
  return rows.map(({ name }) => name);
}

export interface PulledChange {
  /** undefined: all. */
  readonly gone: readonly string[] | undefined;
  readonly fresh: readonly { readonly digest: string; readonly names: readonly string[] }[];
  /** undefined: as they were. */
  readonly pieces: string | undefined;
}

/** Notes what the current rows of a feed are; after its run was. */
export async function savePulled(tx: Session, feed: number, change: PulledChange): Promise<void> {
  const { gone, fresh, pieces } = change;
  await tx.query({
    name: 'drop-pulled-chunks',
    text: 'delete from pulled_chunk where feed = $1 and ($2::bytea[] is null or digest = any ($2))',
    values: [feed, gone && bytesOf(gone)],
  });
  await tx.copyIn(
    'copy pulled_chunk (feed, digest, names) from stdin',
    (async function* () {
      for (const { digest, names } of fresh) yield encodeCopyRow([feed, Buffer.from(digest, 'hex'), names]);
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

/** A layer of the published database that was last looked at. */
export interface PulledLayer {
  readonly name: string;
  readonly repository: string;
  readonly digest: string;
  /** See `LayerEntry`. */
  readonly scopes: readonly string[];
  /** Of the database. */
  readonly created: Date;
  /** When the repository was last asked. */
  readonly checked: Date;
  /** Digest of what was loaded of it; '': nothing. */
  readonly loaded: string;
}

export async function loadPulledLayers(db: Session): Promise<PulledLayer[]> {
  return await db.query<PulledLayer>({
    name: 'load-pulled-layers',
    text: 'select name, repository, digest, scopes, created, checked, loaded from pulled_layer order by name',
  });
}

/** Notes which layers there are now; what was loaded of them stays as it is. */
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

/** Notes that a layer was loaded. */
export async function saveLoaded(db: Session, name: string, digest: string): Promise<void> {
  await db.query({
    name: 'save-pulled-layer',
    text: 'update pulled_layer set loaded = $2 where name = $1',
    values: [name, digest],
  });
}
