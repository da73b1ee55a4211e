/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'root/buildinfo/labels.json',
    JSON.stringify({
      name: 'lab/app',
      architecture: 'x86_64',
      'org.opencontainers.image.created': '2024-05-01T00:00:00Z',
      cpe: 'cpe:/a:redhat:lab:1::el9',
    }),
  ),
];
