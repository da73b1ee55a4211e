/**
 * The detections of layers: a row per layer and detector with detections, and one row per layer that names all detectors that
 * have scanned it. Earlier releases wrote a row for each detector.
 */

import { hash } from 'node:crypto';
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { isMissing, type StoredDocuments } from '../documents/documents.ts';
import { each } from '../documents/each.ts';
import { layerName, layerNames, layerOf } from './layer-names.ts';

export interface LayerScanRow {
  readonly layer: Digest;
  /** `id:revision:kind`. */
  readonly detector: string;
  /** Detections as JSON. */
  readonly found: string;
}

const NOTHING = '[]';
/** Prefix of the name of the row that names the detectors. */
const ALL = 'all:';

/**
 * Returns the stored scans of `layers` by `detectors`, including those without detections. Deletes the scans of a layer whose
 * document is missing, and returns none for it: it must be scanned again.
 */
export async function loadLayerScans(
  db: Session,
  documents: StoredDocuments,
  layers: readonly Digest[],
  detectors: readonly string[],
): Promise<LayerScanRow[]> {
  const stored = await db.query<Omit<LayerScanRow, 'layer'> & { layer: string; looked: string[] | null }>({
    name: 'load-layer-scans',
    text: `
      select s.layer, s.detector, s.findings as found, d.detectors as looked
      from layer_scan s left join layer_detectors d on s.detector = '${ALL}' || d.digest
      where s.layer = any ($1::text[]) and (s.detector = any ($2::text[]) or starts_with(s.detector, '${ALL}'))
      order by s.layer, s.detector`,
    values: [layerNames(layers), detectors],
  });
  const rows = stored.map((row) => ({ ...row, layer: layerOf(row.layer) }));
  const wanted = new Set(detectors);
  const known = new Map<string, LayerScanRow>();
  for (const { layer, looked } of rows) {
    for (const detector of looked ?? []) {
      if (wanted.has(detector)) known.set(`${layer} ${detector}`, { layer, detector, found: NOTHING });
    }
  }
  const forgotten = new Set<Digest>();
  await each(
    rows.filter(({ detector }) => wanted.has(detector)),
    async ({ layer, detector, found: held }) => {
      try {
        known.set(`${layer} ${detector}`, { layer, detector, found: await documents.read(held) });
      } catch (error) {
        if (!isMissing(error)) throw error;
        forgotten.add(layer);
      }
    },
  );
  if (forgotten.size === 0) return [...known.values()];
  await db.query({
    name: 'forget-layers',
    text: 'delete from layer_scan where layer = any ($1::text[])',
    values: [layerNames([...forgotten])],
  });
  return [...known.values()].filter(({ layer }) => !forgotten.has(layer));
}

/** What detectors have found in a layer. */
export interface SavedScan {
  readonly layer: Digest;
  /** All detectors that have scanned it, by this scan or before. */
  readonly looked: readonly string[];
  readonly rows: readonly Omit<LayerScanRow, 'layer'>[];
}

/** Stores the detections of a scan of a layer. What is stored under its other name (layer-names.ts) gets this one. Idempotent. */
export async function saveLayerScans(
  db: Session,
  { documents, compact }: { readonly documents: StoredDocuments; readonly compact: boolean },
  { layer, looked, rows }: SavedScan,
): Promise<void> {
  const found = rows.filter((row) => row.found !== NOTHING);
  const held = await Promise.all(found.map((row) => documents.write(row.found)));
  const sorted = [...looked].sort();
  // 66 bits: the lists are those of releases.
  const list = hash('sha256', sorted.join('\n'), 'base64').slice(0, 11);
  const name = layerName(layer, compact);
  await db.query({
    name: 'save-layer-scans',
    text: `
      with list as (
        insert into layer_detectors (digest, detectors)
        select $4, $5::text[] where not exists (select from layer_detectors where digest = $4)
        on conflict do nothing
      ), before as (
        delete from layer_scan
        where layer = $1 and starts_with(detector, '${ALL}') and detector <> '${ALL}' || $4
      ), other as (
        delete from layer_scan where layer = $6 and layer <> $1 returning detector, findings
      )
      insert into layer_scan (layer, detector, findings)
      select $1, * from unnest($2::text[], $3::text[])
      union all
      select $1, detector, findings from other where not starts_with(detector, '${ALL}')
      on conflict do nothing`,
    values: [
      name,
      [...found.map(({ detector }) => detector), `${ALL}${list}`],
      [...held, ''],
      list,
      sorted,
      layerName(layer, !compact),
    ],
  });
}
