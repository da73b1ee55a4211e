/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { HACKAGE_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'haskell',
  files: [file('app/cabal.project.freeze', 'constraints: any.aeson ==2.0.1.0,\n')],
  says: saidOfLanguage(HACKAGE_SCOPE, 'interval'),
};
