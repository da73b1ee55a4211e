/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import { elf } from '../../formats/programs/programs.fixture.ts';
import type { TarFile } from '../../image/tar/writer.fixture.ts';
import { inlineInfo } from './build-info.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'app/run',
    elf(() =>
      inlineInfo({
        version: 'go1.21.5',
        modules:
          'path\texample.com/Main\nmod\texample.com/Main\tv1.0.0\t\ndep\tgolang.org/x/net\tv0.17.0\th1:a=\n',
      }),
    ),
    0o755,
  ),
];
