import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFiles } from '../read-files.fixture.ts';
import { bitnamiComponents } from './detect-bitnami.ts';

function detected(path: string, text: string): string[] {
  assert.ok(bitnamiComponents.wants!({ path, type: 'file', size: 1, mode: 0o644 }));
  return readFiles(bitnamiComponents, { [path]: text }).flatMap((each) => {
    if (each.found === 'package') return `${each.package.name} ${each.package.version}`;
    return each.found === 'problem' ? `${each.kind ?? 'unread'}: ${each.reason}` : [];
  });
}

const spdx = (...purls: string[]): string =>
  JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: purls.map((referenceLocator) => ({
      name: 'x',
      versionInfo: '9',
      externalRefs: [{ referenceType: 'purl', referenceLocator }],
    })),
  });

describe("components of Bitnami's images", () => {
  const cases: [path: string, text: string, want: string[]][] = [
    [
      'opt/bitnami/node/.spdx-node.spdx',
      spdx('pkg:bitnami/node@20.4.0-0?arch=amd64&distro=debian-12', 'pkg:npm/npm@9.7.2'),
      ['node 20.4.0', 'note: a list of 1 components: it was read'],
    ],
    [
      'opt/bitnami/.bitnami_components.json',
      '{"node":{"version":"16.20.2-154","digest":"x"},"x":{}}',
      [
        'node 16.20.2',
        'note: a list of 1 components: it was read',
        'unread: 1 of its components have no readable name and version',
      ],
    ],
    [
      'opt/bitnami/x/.spdx-x.spdx',
      '{}',
      ['unread: a list of components that cannot be read: it is no SPDX 2 with packages'],
    ],
  ];
  for (const [path, text, want] of cases) it(path, () => assert.deepEqual(detected(path, text), want));
});
