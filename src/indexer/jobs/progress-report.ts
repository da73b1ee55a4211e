/** What a client gets of a manifest whose job is not done: a report as ever, and a key of our own. */
import { toWire } from '../../model/index-report-wire.ts';
import { emptyReport } from '../empty-report.ts';
import type { IndexedReport } from '../indexer.ts';
import { type JobStatus, jobToWire } from './job.ts';

/**
 * JSON. A report that was finished before stays readable until the new one is; else it is an empty one in the state
 * `CheckManifest` (nobody works on it yet) or `ScanLayers`.
 */
export async function progressReport(job: JobStatus, stored: IndexedReport | undefined): Promise<string> {
  const report =
    stored?.state === 'IndexFinished'
      ? await stored.json()
      : JSON.stringify(toWire(emptyReport(job.manifest, job.running ? 'ScanLayers' : 'CheckManifest')));
  return `{"job":${JSON.stringify(jobToWire(job))},${report.slice(1)}`;
}
