import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { cranInstalled } from './detect-installed.ts';

const WHOLE = 'Package: lab\nVersion: 1.0-1\nRepository: CRAN\nBuilt: R 4.3.0\n';

function found(path: string, text: string): string[] {
  const files = [layerFile(path, text)];
  return [...cranInstalled.read!({ files, file: () => files[0], names: () => [], has: () => false })].map(
    (item) => (item.found === 'package' ? `${item.package.name} ${item.package.version}` : item.found),
  );
}

describe('DESCRIPTION of an installed R package', () => {
  for (const [what, path, text, want] of [
    ['that is whole', 'usr/lib/R/library/lab/DESCRIPTION', WHOLE, ['lab 1.0-1', 'repository']],
    ['that was cut', 'usr/lib/R/library/lab/DESCRIPTION', WHOLE.slice(0, 50), ['problem']],
    [
      'of a template',
      'usr/lib/R/library/lab/templates/DESCRIPTION',
      'Package: {{ name }}\nVersion: 0.1\n',
      [],
    ],
    ['of something else', 'usr/lib/R/library/lab/DESCRIPTION', 'A text\n', []],
  ] as const) {
    it(what, () => assert.deepEqual(found(path, text), want));
  }
});
