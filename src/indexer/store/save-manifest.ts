/** Stores a manifest and its layers. */
import type { Session } from '../../db/database.ts';
import type { Manifest } from '../../model/manifest.ts';
import { layerName } from './layer-names.ts';

/** Stores `manifest`. Idempotent. Its layers replace those of an earlier submission of the same digest. `compact`: with their short names (layer-names.ts). */
export async function saveManifest(tx: Session, manifest: Manifest, compact = false): Promise<void> {
  const [row] = await tx.query<{ id: string | number }>({
    name: 'save-manifest',
    text: `
      insert into manifest (digest) values ($1)
      on conflict (digest) do update set digest = excluded.digest
      returning id`,
    values: [manifest.hash],
  });
  const layers = manifest.layers.map(({ hash }) => layerName(hash, compact));
  await tx.query({
    name: 'save-manifest-layers',
    text: `
      with wanted as (
        select (ordinal - 1)::int as position, layer
        from unnest($2::text[]) with ordinality as w (layer, ordinal)
      ), surplus as (
        delete from manifest_layer where manifest = $1 and position >= cardinality($2::text[])
      )
      insert into manifest_layer (manifest, position, layer)
      select $1, position, layer from wanted
      on conflict (manifest, position) do update set layer = excluded.layer`,
    values: [row?.id, layers],
  });
}
