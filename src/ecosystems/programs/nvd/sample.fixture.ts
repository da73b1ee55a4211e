/** What this ecosystem gives to the tests that hold for all; its programs are found by that of all programs. */
import type { Sample } from '../../../contract/sample.fixture.ts';
import { NVD, NVD_SCOPE } from '../lookups.ts';

export const sample: Sample = {
  of: 'programs-nvd',
  files: [],
  says: { nvd: [{ scope: { key: NVD_SCOPE, repository: NVD }, kind: 'binary', shape: 'query' }] },
};
