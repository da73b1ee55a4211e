/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import { deflateSync } from 'node:zlib';
import { elf } from '../../formats/programs/programs.fixture.ts';
import type { TarFile } from '../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'app/run',
    elf(() => deflateSync('{"packages":[{"name":"itoa","version":"1.0.1","source":"crates.io"}]}'), {
      section: '.dep-v0',
    }),
    0o755,
  ),
];
