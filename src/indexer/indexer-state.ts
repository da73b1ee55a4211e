/** The indexer's state: a digest of what it detects, by which clients know that a report is out of date. */
import { createHash } from 'node:crypto';
import type { Detector } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';

/** `id:revision:kind`: names a detector in reports and in stored detections. */
export function detectorKey({ id, revision, kind }: Detector): string {
  return `${id}:${revision}:${kind}`;
}

/**
 * 32 hex digits over the detectors' names and revisions, in no particular order: a new detector or revision means
 * that manifests should be submitted again. Feeds, matching and configuration are no part of it.
 */
export function indexerState(ecosystems: readonly Ecosystem[]): string {
  const keys = ecosystems.flatMap(({ detectors }) => detectors.map(detectorKey)).sort();
  // MD5 because the state of a Clair is one: 32 digits that clients keep in a column. Nothing rests on its strength.
  return createHash('md5')
    .update(`clair indexer 3\n${keys.join('\n')}\n`)
    .digest('hex');
}
