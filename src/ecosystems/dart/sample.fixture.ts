/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { PUB_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'dart',
  files: [file('app/pubspec.lock', 'packages:\n  http:\n    source: hosted\n    version: "0.13.0"\n')],
  says: saidOfLanguage(PUB_SCOPE, 'interval'),
};
