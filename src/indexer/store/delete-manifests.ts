/** Forgets manifests, and the layers and lookups that no other manifest has. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { deleteOrphans, lockLookups } from './delete-lookups.ts';

/** Gives those that were there. */
export async function deleteManifests(tx: Session, digests: readonly Digest[]): Promise<Digest[]> {
  await lockLookups(tx);
  const lookups = await tx.query<{ id: number }>({
    name: 'findings-of-manifests',
    text: `
      select distinct own.id
      from manifest m join manifest_finding f on f.manifest = m.id, unnest(f.findings) as own (id)
      where m.digest = any ($1::text[])`,
    values: [digests],
  });
  const layers = await tx.query<{ layer: string }>({
    name: 'layers-of-manifests',
    text: `
      select distinct l.layer
      from manifest m join manifest_layer l on l.manifest = m.id
      where m.digest = any ($1::text[])`,
    values: [digests],
  });
  const deleted = await tx.query<{ digest: Digest }>({
    name: 'delete-manifests',
    text: `delete from manifest where digest = any ($1::text[]) returning digest`,
    values: [digests],
  });
  await tx.query({
    name: 'delete-orphan-layers',
    text: `
      delete from layer_scan s
      where s.layer = any ($1::text[])
        and not exists (select from manifest_layer l where l.layer = s.layer)`,
    values: [layers.map(({ layer }) => layer)],
  });
  await deleteOrphans(
    tx,
    lookups.map(({ id }) => id),
  );
  const found = new Set(deleted.map(({ digest }) => digest));
  return digests.filter((digest) => found.has(digest));
}
