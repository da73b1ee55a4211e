/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { OPAM_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'ocaml',
  files: [file('root/.opam/default/.opam-switch/packages/cohttp.5.0.0/opam', 'opam-version: "2.0"\n')],
  says: saidOfLanguage(OPAM_SCOPE, 'interval'),
};
