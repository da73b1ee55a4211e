/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { JULIA_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'julia',
  files: [file('app/Manifest.toml', '[[deps.HTTP]]\nversion = "1.0.0"\n')],
  says: saidOfLanguage(JULIA_SCOPE, 'interval'),
};
