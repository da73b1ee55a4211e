/** Builds the documents and layers of a published database from a store: the same rows give the same bytes. */

import type { Layout } from '../../artifact/layout.ts';
import { MANIFEST_TYPE } from '../../artifact/manifest.ts';
import type { Database, Session, Transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { ROW_REVISION } from '../importing/advisory-row.ts';
import { encodeChunks, encodeFrame, type RowGroup } from './encode-chunks.ts';
import {
  ARTIFACT_TYPE,
  type Chunk,
  CONFIG_TYPE,
  type DatabaseConfig,
  FORMAT,
  type IndexedFeed,
  LAYER_TYPE,
  type LayerEntry,
  type PublishedFeed,
  type PublishedSet,
} from './format.ts';
import { groupLayers } from './group-layers.ts';
import { advisoryGroups, blockGroups, pieceGroups, recordGroups } from './read-rows.ts';

export interface BuildOptions {
  /** What the manifest is called in the layout. */
  readonly tag: string;
  readonly signal: AbortSignal;
  /** Told of each layer that is done. */
  readonly onLayer?: (done: { readonly name: string; readonly size: number; readonly of: number }) => void;
}

export interface Built {
  readonly digest: string;
  readonly config: DatabaseConfig;
}

/** A feed with what only one database knows of it. */
export interface StoredFeed extends PublishedFeed {
  readonly id: number;
  readonly scopes: IndexedFeed['scopes'];
  readonly rows: IndexedFeed['rows'];
}

/** Writes what is loaded at this moment to `layout`. Throws `feed` if nothing is. */
export async function buildDatabase(
  db: Database,
  layout: Layout,
  { tag, signal, onLayer }: BuildOptions,
): Promise<Built> {
  return await db.snapshot(async (tx) => {
    const stored = await loadFeeds(tx);
    if (!stored.some(({ last_success }) => last_success !== null))
      throw new AppError('feed', 'no advisory feeds loaded. Run "clairctl db update" first');
    const sets = await loadSets(tx);
    const layers: LayerEntry[] = [];
    const groups = groupLayers(stored);
    for (const { name, scopes, feeds } of groups) {
      signal.throwIfAborted();
      const indexed: IndexedFeed[] = [];
      const layer = await layout.addBlob(layerFrames(tx, feeds, indexed, signal));
      const frame = await encodeFrame(Buffer.from(JSON.stringify({ feeds: indexed })));
      const index = { size: frame.bytes.length, digest: frame.chunk.digest };
      layers.push({ name, ...layer, index, scopes, feeds: feeds.map((feed) => stored.indexOf(feed)) });
      onLayer?.({ name, size: layer.size, of: groups.length });
    }
    const feeds = stored.map(({ id: _, scopes: __, rows: ___, ...feed }) => feed);
    const config = {
      format: FORMAT,
      revision: ROW_REVISION,
      created: askedAt(feeds),
      sets,
      feeds,
      layers,
    } as const;
    return { digest: await addManifest(layout, config, tag), config };
  });
}

/** The frames of the feeds, and then that of their index; `indexed` is filled meanwhile. */
async function* layerFrames(
  tx: Transaction,
  feeds: readonly StoredFeed[],
  indexed: IndexedFeed[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const frames = async function* (groups: AsyncIterable<RowGroup>, chunks: Chunk[]): AsyncGenerator<Buffer> {
    for await (const { chunk, bytes } of encodeChunks(groups)) {
      signal.throwIfAborted();
      chunks.push(chunk);
      yield bytes;
    }
  };
  for (const { id, kind, name, rows, scopes } of feeds) {
    const chunks: Chunk[] = [];
    const pieces: Chunk[] = [];
    yield* frames(READERS[rows](tx, id), chunks);
    if (kind === 'vulnerability') yield* frames(pieceGroups(tx, id), pieces);
    indexed.push({ kind, name, rows, scopes, chunks, pieces });
  }
  yield (await encodeFrame(Buffer.from(JSON.stringify({ feeds: indexed })))).bytes;
}

const READERS = { advisories: advisoryGroups, records: recordGroups, blocks: blockGroups } as const;

async function addManifest(layout: Layout, config: DatabaseConfig, tag: string): Promise<string> {
  const described = await layout.addBlob([Buffer.from(JSON.stringify(config))]);
  return await layout.addManifest(
    {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType: ARTIFACT_TYPE,
      config: { mediaType: CONFIG_TYPE, ...described },
      layers: config.layers.map(({ name, digest, size }) => ({
        mediaType: LAYER_TYPE,
        digest,
        size,
        annotations: { 'org.opencontainers.image.title': name },
      })),
      annotations: { 'org.opencontainers.image.created': config.created },
    },
    tag,
  );
}

/** The last time that any feed was asked. */
function askedAt(feeds: readonly PublishedFeed[]): string {
  const times = feeds.map(({ last_attempt }) => Date.parse(last_attempt ?? '') || 0);
  return new Date(Math.max(...times)).toISOString();
}

async function loadFeeds(tx: Session): Promise<StoredFeed[]> {
  const rows = await tx.query<{ id: number; feed: PublishedFeed } & Pick<StoredFeed, 'scopes' | 'rows'>>({
    text: `
      select f.id, to_jsonb(f) - 'id' as feed,
        coalesce(
          (select jsonb_agg(jsonb_strip_nulls(to_jsonb(s) - 'id') order by s.key)
            from feed_scope fs join scope s on s.id = fs.scope where fs.feed = f.id), '[]') as scopes,
        case when f.kind = 'vulnerability' then 'advisories'
          when exists (select from enrichment_block b where b.feed = f.id) then 'blocks' else 'records' end as rows
      from feed f order by f.kind collate "C", f.name collate "C"`,
  });
  return rows.map(({ id, feed, scopes, rows: form }) => ({ ...feed, id, scopes, rows: form }));
}

async function loadSets(tx: Session): Promise<PublishedSet[]> {
  const rows = await tx.query<{ set: PublishedSet }>({
    text: 'select to_jsonb(s) as set from feed_set s order by name collate "C"',
  });
  return rows.map(({ set }) => set);
}
