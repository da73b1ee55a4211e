/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../image/tar/writer.fixture.ts';
import { fixture } from './databases.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file('etc/os-release', 'ID="almalinux"\nNAME="AlmaLinux"\nVERSION_ID="9.3"\nPRETTY_NAME="AlmaLinux 9.3"\n'),
  file('var/lib/rpm/rpmdb.sqlite', fixture('rpmdb.sqlite.gz')),
];
