/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { HEX_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'hex',
  files: [file('app/lib/lab-1.0.0/ebin/lab.app', '{application,lab,[{vsn,"1.0.0"},{modules,[]}]}.\n')],
  says: saidOfLanguage(HEX_SCOPE, 'interval'),
};
