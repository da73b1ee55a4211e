/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { PYPI_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'python',
  files: [file('opt/lab-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: Lab_Name\nVersion: 1.0\n\n')],
  says: saidOfLanguage(PYPI_SCOPE, 'query'),
};
