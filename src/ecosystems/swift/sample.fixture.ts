/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { SWIFT_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'swift',
  files: [
    file(
      'app/Package.resolved',
      '{"version":2,"pins":[{"location":"https://github.com/apple/swift-nio.git","state":{"version":"2.0.0"}}]}',
    ),
  ],
  says: saidOfLanguage(SWIFT_SCOPE, 'interval'),
};
