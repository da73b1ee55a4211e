/** Deletes manifests. Data that only they used are deleted later (sweep-orphans.ts). */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

/** Deletes a manifest. Returns false if it was unknown. The time does not depend on how many manifests share its packages and layers. */
export async function deleteManifest(db: Session, digest: Digest): Promise<boolean> {
  const rows = await db.query({
    name: 'delete-manifest',
    text: `
      with gone as (
        delete from manifest where digest = $1 returning id
      ), noted as (
        insert into deleted_manifest (findings, sets, layers)
        select
          coalesce(f.findings, '{}'), coalesce(f.sets, '{}'),
          array(select distinct l.layer from manifest_layer l where l.manifest = gone.id)
        from gone left join manifest_finding f on f.manifest = gone.id
      )
      select id from gone`,
    values: [digest],
  });
  return rows.length > 0;
}
