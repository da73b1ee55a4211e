/** What this ecosystem gives to the tests that hold for all. */
import { deflateSync } from 'node:zlib';
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { elf } from '../../formats/programs/programs.fixture.ts';
import { CRATES_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'rust',
  files: [
    file(
      'app/run',
      elf(() => deflateSync('{"packages":[{"name":"itoa","version":"1.0.1","source":"crates.io"}]}'), {
        section: '.dep-v0',
      }),
      0o755,
    ),
  ],
  says: saidOfLanguage(CRATES_SCOPE, 'interval'),
};
