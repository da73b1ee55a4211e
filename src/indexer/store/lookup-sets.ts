/**
 * Sets of lookups that several manifests have together: those of the packages that one layer introduced. A manifest has the lookups of
 * its row, and those of the sets that the row names. A set is found by the digest of what it has, and never changes.
 */
import { hash } from 'node:crypto';
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { layerOf, namesSql } from './layer-names.ts';

/** End of a revision: the lookups are in sets, as far as sets pay. A migration names it as well. */
export const IN_SETS = '+sets';

/** Lookups. A row of fewer takes more bytes than it saves unless very many manifests have it. */
const LEAST = 16;

/** SQL: whether a row of `manifest_finding` names the set `id`. The second part is that of its index. */
export function hasSet(id: string): string {
  return `sets @> array[${id}] and sets <> '{}'`;
}

/** Ids of a manifest's lookups, and of the layers that have introduced the packages of each. */
export interface LayeredLookups {
  readonly manifest: Digest;
  readonly lookups: ReadonlyMap<number, readonly Digest[]>;
}

/** The two columns of a manifest: ascending ids. */
export interface Split {
  readonly lookups: readonly number[];
  readonly sets: readonly number[];
}

interface Group {
  readonly lookups: readonly number[];
  readonly digest: string;
  /** Whether another manifest has the layer. */
  readonly isShared: boolean;
}

/**
 * Splits the lookups of each manifest by layer. Those of a layer become a set if another manifest has the layer, or such a set exists. Adds
 * the sets that are missing in one order: concurrent transactions must not deadlock.
 */
export async function splitLookups(tx: Session, manifests: readonly LayeredLookups[]): Promise<Split[]> {
  const grouped: Group[][] = [];
  for (const { manifest, lookups } of manifests)
    grouped.push(groupsOf(lookups, await loadLayers(tx, manifest)));
  const groups = new Map<string, Group>();
  for (const group of grouped.flat())
    if (!groups.get(group.digest)?.isShared) groups.set(group.digest, group);
  const known = await loadSets(tx, [...groups.keys()]);
  const missing = [...groups.values()].filter(({ digest, isShared }) => isShared && !known.has(digest));
  if (missing.length > 0) {
    await addSets(tx, missing);
    const added = await loadSets(
      tx,
      missing.map(({ digest }) => digest),
    );
    for (const [digest, id] of added) known.set(digest, id);
  }
  return manifests.map(({ lookups }, at) => {
    const sets = grouped[at]!.filter(({ digest }) => known.has(digest));
    const inSets = new Set(sets.flatMap((set) => set.lookups));
    return {
      lookups: ascending([...lookups.keys()].filter((id) => !inSets.has(id))),
      sets: ascending(sets.map(({ digest }) => known.get(digest)!)),
    };
  });
}

/** Returns `numbers` from the least on. */
export function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

/** Groups lookups by the lowest layer that has one of their packages. */
function groupsOf(lookups: LayeredLookups['lookups'], layers: readonly LayerRow[]): Group[] {
  const positions = new Map(layers.map(({ layer }, at) => [layer, at] as const).toReversed());
  const byLayer = new Map<number, number[]>();
  for (const [id, introducedIn] of lookups) {
    const at = Math.min(...introducedIn.map((layer) => positions.get(layer) ?? Number.POSITIVE_INFINITY));
    const group = byLayer.get(at);
    if (group === undefined) byLayer.set(at, [id]);
    else group.push(id);
  }
  return [...byLayer]
    .filter(([at, ids]) => Number.isFinite(at) && ids.length >= LEAST)
    .map(([at, ids]) => {
      const sorted = ascending(ids);
      const digest = hash('sha256', sorted.join(), 'hex').slice(0, 32);
      return { lookups: sorted, digest, isShared: layers[at]!.shared };
    });
}

interface LayerRow {
  readonly layer: Digest;
  readonly shared: boolean;
}

/** Returns the layers of a manifest, the base first, and whether another manifest has them. */
async function loadLayers(tx: Session, manifest: Digest): Promise<LayerRow[]> {
  const rows = await tx.query<{ layer: string; shared: boolean }>({
    name: 'layers-of-manifest',
    text: `
      select l.layer, (
        select true from manifest_layer o where o.layer = any (${namesSql('l.layer')}) and o.manifest <> l.manifest limit 1
      ) is not null as shared
      from manifest m join manifest_layer l on l.manifest = m.id
      where m.digest = $1 order by l.position`,
    values: [manifest],
  });
  return rows.map(({ layer, shared }) => ({ layer: layerOf(layer), shared }));
}

/** Returns their ids by digest. */
async function loadSets(tx: Session, digests: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: number; digest: Buffer }>({
    name: 'load-lookup-sets',
    text: 'select id, digest from lookup_set where digest = any ($1::bytea[])',
    values: [digests.map((digest) => Buffer.from(digest, 'hex'))],
  });
  return new Map(rows.map(({ id, digest }) => [digest.toString('hex'), id]));
}

async function addSets(tx: Session, sets: readonly Group[]): Promise<void> {
  await tx.query({
    name: 'add-lookup-sets',
    text: `
      insert into lookup_set (digest, lookups)
      select digest, lookups::int[] from unnest($1::bytea[], $2::text[]) as s (digest, lookups)
      order by digest on conflict do nothing`,
    values: [
      sets.map(({ digest }) => Buffer.from(digest, 'hex')),
      sets.map(({ lookups }) => `{${lookups.join()}}`),
    ],
  });
}
