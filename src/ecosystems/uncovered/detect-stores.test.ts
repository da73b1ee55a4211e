import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayerView } from '../../contract/detector.ts';
import { storeDetectors } from './detect-stores.ts';

/** What is found in a store of these folders. */
function found(store: string, ...folders: string[]): string[] {
  const layer: LayerView = {
    files: [],
    file: () => undefined,
    names: (path) => (path === store ? folders : []),
    has: (path, type) => type === 'directory' && !path.endsWith('-file-1.0'),
  };
  return storeDetectors.flatMap((detector) =>
    [...detector.read!(layer)].map((each) =>
      each.found === 'package' ? `${detector.id} ${each.package.name} ${each.package.version}` : each.found,
    ),
  );
}

describe('stores of packages', () => {
  const digest = '0a1b2c3d'.repeat(4);
  const cases: [folder: string, want: string[]][] = [
    ['openssl-3.0.13', ['nix openssl 3.0.13']],
    ['openssl-3.0.13-bin', ['nix openssl 3.0.13']],
    ['python3.11-requests-2.31.0', ['nix python3.11-requests 2.31.0']],
    ['glibc-2.39-52', ['nix glibc 2.39-52']],
    ['gcc-13.2.0-lib', ['nix gcc 13.2.0']],
    ['unstable-2024-01-01', ['nix unstable 2024-01-01']],
    ['hello-2.12.drv', []],
    ['hello-2.12.tar.gz', []],
    ['hello-2.12-source', []],
    ['CVE-2024-1.patch', []],
    ['etc', []],
    ['file-1.0', []],
  ];
  for (const [folder, want] of cases)
    it(folder, () => assert.deepEqual(found('nix/store', `${digest}-${folder}`), want));

  it("are Guix's as well", () =>
    assert.deepEqual(found('gnu/store', `${digest}-zlib-1.3`), ['guix zlib 1.3']));
  it('have links and locks that are no packages', () =>
    assert.deepEqual(found('nix/store', '.links', 'lab-1.0', `${digest}`), []));
});
