import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { cranInstalled } from './detect-installed.ts';

const WHOLE = 'Package: lab\nVersion: 1.0-1\nRepository: CRAN\nBuilt: R 4.3.0\n';

const LIBRARY = 'usr/lib/R/library/lab';

function found(path: string, text: string, loads: string): string[] {
  const files = [layerFile(path, text)];
  const layer = {
    files,
    file: () => files[0],
    names: () => [],
    has: (at: string) => at === `${loads}/Meta/package.rds`,
  };
  return [...cranInstalled.read!(layer)].map((item) =>
    item.found === 'package' ? `${item.package.name} ${item.package.version}` : item.found,
  );
}

describe('DESCRIPTION of an installed R package', () => {
  for (const [what, path, text, want] of [
    ['that is whole', `${LIBRARY}/DESCRIPTION`, WHOLE, ['lab 1.0-1', 'repository']],
    ['that was cut', `${LIBRARY}/DESCRIPTION`, WHOLE.slice(0, 50), ['problem']],
    ['that was cut in its name', `${LIBRARY}/DESCRIPTION`, WHOLE.slice(0, 5), ['problem']],
    ['of a template', `${LIBRARY}/templates/DESCRIPTION`, 'Package: {{ name }}\nVersion: 0.1\n', []],
    [
      'of the sources of a package, among tests of an installed one',
      `${LIBRARY}/tinytest/testLab/DESCRIPTION`,
      'Package: testLab\nVersion: 0.1\nTitle: Test\n',
      [],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(found(path, text, LIBRARY), want));
  }

  it('of a package that cannot be loaded is of sources', () => {
    assert.deepEqual(found(`${LIBRARY}/DESCRIPTION`, WHOLE.slice(0, 50), ''), []);
  });
});
