/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import type { TarFile } from '../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'opt/a.jar',
    makeZip({
      members: [{ name: 'META-INF/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1.0\n' }],
    }),
  ),
];
