/** What detectors found in layers: read and written, one row per layer and detector. */

import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

export interface LayerScanRow {
  readonly layer: Digest;
  /** `id:revision:kind`. */
  readonly detector: string;
  /** JSON. */
  readonly found: string;
}

/** The rows there are of `layers` x `detectors`. */
export async function loadLayerScans(
  db: Session,
  layers: readonly Digest[],
  detectors: readonly string[],
): Promise<LayerScanRow[]> {
  return await db.query<LayerScanRow>({
    name: 'load-layer-scans',
    text: `
      select layer, detector, findings as found from layer_scan
      where layer = any ($1::text[]) and detector = any ($2::text[])
      order by layer, detector`,
    values: [layers, detectors],
  });
}

/** Stores what one scan of one layer found; the same again changes nothing. */
export async function saveLayerScans(db: Session, rows: readonly LayerScanRow[]): Promise<void> {
  await db.query({
    name: 'save-layer-scans',
    text: `
      insert into layer_scan (layer, detector, findings)
      select * from unnest($1::text[], $2::text[], $3::text[])
      on conflict do nothing`,
    values: [
      rows.map(({ layer }) => layer),
      rows.map(({ detector }) => detector),
      rows.map(({ found }) => found),
    ],
  });
}
