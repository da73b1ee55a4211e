/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { NPM_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'node',
  files: [file('app/node_modules/@scope/lab/package.json', '{"name":"@scope/lab","version":"1.2.3"}')],
  says: saidOfLanguage(NPM_SCOPE, 'interval'),
};
