/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'etc/os-release',
    'ID=alpine\nNAME="Alpine Linux"\nVERSION_ID=3.18.4\nPRETTY_NAME="Alpine Linux v3.18"\n',
  ),
  file('lib/apk/db/installed', 'P:musl\nV:1.2.4-r1\nA:x86_64\no:musl\n\n'),
];
