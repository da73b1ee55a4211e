/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file('app/node_modules/@scope/lab/package.json', '{"name":"@scope/lab","version":"1.2.3"}'),
];
