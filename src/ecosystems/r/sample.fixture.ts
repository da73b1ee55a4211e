/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { CRAN_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'r',
  files: [
    file(
      'usr/lib/R/library/lab/DESCRIPTION',
      'Package: lab\nVersion: 1.0-1\nRepository: CRAN\nBuilt: R 4.3.0\n',
    ),
    file('app/renv.lock', '{"Packages":{"x":{"Package":"x","Version":"1.0","Source":"Repository"}}}'),
  ],
  says: saidOfLanguage(CRAN_SCOPE, 'interval'),
};
