/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../image/tar/writer.fixture.ts';

/** The layer's files. */
export const sample: readonly TarFile[] = [
  {
    name: 'app/lib/lab-1.0.0/ebin/lab.app',
    content: '{application,lab,[{vsn,"1.0.0"},{modules,[]}]}.\n',
    mode: 0o644,
  },
];
