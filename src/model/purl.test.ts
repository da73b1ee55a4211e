import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { formatPurl, type Purl, parsePurl } from './purl.ts';

function purl(
  type: string,
  namespace: string,
  name: string,
  version = '',
  qualifiers = {},
  subpath = '',
): Purl {
  return { type, namespace, name, version, qualifiers: new Map(Object.entries(qualifiers)), subpath };
}

describe('a package URL', () => {
  const cases: [text: string, want: Purl, canonical?: string][] = [
    ['pkg:npm/lodash@4.17.21', purl('npm', '', 'lodash', '4.17.21')],
    ['pkg:npm/%40babel/core@7.0.0', purl('npm', '@babel', 'core', '7.0.0')],
    ['pkg:npm/@babel/core', purl('npm', '@babel', 'core'), 'pkg:npm/%40babel/core'],
    [
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12',
      purl('deb', 'debian', 'libstdc++6', '12.2.0-14', { arch: 'amd64', distro: 'debian-12' }),
    ],
    ['pkg:deb/debian/zlib1g@1:1.2.13', purl('deb', 'debian', 'zlib1g', '1:1.2.13')],
    [
      'pkg:golang/github.com/BurntSushi/toml@v1.0.0',
      purl('golang', 'github.com/BurntSushi', 'toml', 'v1.0.0'),
    ],
    [
      'PKG://NPM//a@1?Arch=x&empty=#sub/path',
      purl('npm', '', 'a', '1', { arch: 'x' }, 'sub/path'),
      'pkg:npm/a@1?arch=x#sub/path',
    ],
  ];
  for (const [text, want, canonical = text] of cases) {
    it(text, () => {
      assert.deepEqual(parsePurl(text), want);
      assert.equal(formatPurl(want), canonical);
      // Another implementation reads the same; it lowers the case of some types.
      const other = PackageURL.fromString(formatPurl(want));
      assert.deepEqual(
        [other.namespace ?? '', other.name, other.version ?? ''],
        [want.namespace, want.name, want.version],
      );
    });
  }

  for (const text of [
    '',
    'pkg:',
    'pkg:npm',
    'pkg:npm/',
    'http://x/y',
    'pkg:1x/a',
    'pkg:npm/%',
    'pkg:npm/%ff',
    'npm/a',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parsePurl(text), undefined));
  }

  it('comes back as it was', () => {
    const segment = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
      .filter((text) => !text.includes('/'));
    fc.assert(
      fc.property(
        fc.constantFrom('npm', 'deb', 'x-y.z'),
        fc.array(segment, { maxLength: 3 }),
        segment,
        fc.string({ unit: 'grapheme' }),
        fc.string({ minLength: 1 }),
        (type, namespace, name, version, value) => {
          const whole = purl(type, namespace.join('/'), name, version, { key: value });
          assert.deepEqual(parsePurl(formatPurl(whole)), whole);
        },
      ),
    );
  });

  it('survives anything', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePurl(`pkg:${text}`)));
  });
});
