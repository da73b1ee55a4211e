/** The report of a manifest of which nothing is known yet. */
import type { Digest } from '../model/digest.ts';
import type { IndexReport, IndexState } from '../model/index-report.ts';

export function emptyReport(manifestHash: Digest, state: IndexState): IndexReport {
  return {
    manifestHash,
    state,
    success: false,
    err: '',
    packages: [],
    distributions: [],
    repositories: [],
    problems: [],
  };
}
