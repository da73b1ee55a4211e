/** Queues a manifest. */
import type { Database } from '../../../db/database.ts';
import type { Manifest } from '../../../model/manifest.ts';

/** A manifest that waits already gets its new URLs and headers; one that is worked on stays as it is. */
export async function addJob(db: Database, { hash, layers }: Manifest): Promise<void> {
  await db.query({
    name: 'add-index-job',
    text: `
      insert into index_job as j (manifest, layers, layers_total) values ($1, $2, $3)
      on conflict (manifest) do update
      set layers = excluded.layers, layers_total = excluded.layers_total, due = least(j.due, now())
      where j.owner is null`,
    values: [hash, JSON.stringify(layers), new Set(layers.map((layer) => layer.hash)).size],
  });
}
