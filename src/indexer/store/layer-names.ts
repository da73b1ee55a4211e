/**
 * How rows name layers. `manifest_layer` and `layer_scan` have the digest, and with `store.compact` the same 256 bits in 43 characters
 * instead of 71. Both forms are in one column: a digest has a colon. All statements read both. Which form a row has never
 * matters to what it says.
 */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

const PREFIX = 'sha256:';
/** Characters of 32 bytes as base64, without the padding. */
const SHORT = 43;

/** The name of a layer in a row. Digests of other algorithms have no short form. */
export function layerName(layer: Digest, compact: boolean): string {
  if (!compact || !layer.startsWith(PREFIX)) return layer;
  return Buffer.from(layer.slice(PREFIX.length), 'hex').toString('base64').slice(0, SHORT);
}

/** The digest of a layer that a row names. */
export function layerOf(name: string): Digest {
  if (name.length !== SHORT) return name as Digest;
  return `${PREFIX}${Buffer.from(name, 'base64').toString('hex')}` as Digest;
}

/** All names that rows may have of these layers. */
export function layerNames(layers: readonly Digest[]): string[] {
  return layers.flatMap((layer) => [...new Set([layer, layerName(layer, true)])]);
}

/** SQL: an array of the names that rows may have of the layer that `name` names. */
export function namesSql(name: string): string {
  return `array[${name}, case
    when length(${name}) = ${SHORT} then '${PREFIX}' || encode(decode(${name} || '=', 'base64'), 'hex')
    when starts_with(${name}, '${PREFIX}') then left(encode(decode(substr(${name}, ${PREFIX.length + 1}), 'hex'), 'base64'), ${SHORT})
  end]`;
}

/** Gives the layers of manifests, and the detections of these layers, the names of the other form where they have them. */
export async function renameLayers(
  tx: Session,
  manifests: readonly number[],
  compact: boolean,
): Promise<void> {
  const rows = await tx.query<{ manifest: number; position: number; layer: string }>({
    name: 'load-layer-names',
    text: 'select manifest, position, layer from manifest_layer where manifest = any ($1::bigint[])',
    values: [manifests],
  });
  const renamed = rows
    .map((row) => ({ ...row, name: layerName(layerOf(row.layer), compact) }))
    .filter(({ layer, name }) => layer !== name);
  if (renamed.length === 0) return;
  await tx.query({
    name: 'rename-manifest-layers',
    text: `
      update manifest_layer l set layer = r.name
      from unnest($1::bigint[], $2::int[], $3::text[]) as r (manifest, position, name)
      where l.manifest = r.manifest and l.position = r.position`,
    values: [
      renamed.map(({ manifest }) => manifest),
      renamed.map(({ position }) => position),
      renamed.map(({ name }) => name),
    ],
  });
  const names = new Map(renamed.map(({ layer, name }) => [layer, name]));
  await tx.query({
    name: 'rename-layer-scans',
    text: `
      with scan as materialized (
        -- In one order: transactions that rename the same layers must not deadlock.
        select layer, detector, findings from layer_scan where layer = any ($1::text[]) order by layer, detector for update
      ), gone as (
        delete from layer_scan s using scan where s.layer = scan.layer and s.detector = scan.detector
      )
      insert into layer_scan (layer, detector, findings)
      select r.name, scan.detector, scan.findings
      from scan join unnest($1::text[], $2::text[]) as r (layer, name) on r.layer = scan.layer
      order by r.name, scan.detector
      on conflict do nothing`,
    values: [[...names.keys()], [...names.values()]],
  });
}
