import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { readFiles } from '../read-files.fixture.ts';
import { installed, PACKAGIST } from './detect-installed.ts';
import { lookups } from './lookups.ts';

const PATH = 'app/vendor/composer/installed.json';

const read = (contents: Readonly<Record<string, string | Buffer>>): Detection[] =>
  readFiles(installed, contents);

function lines(found: readonly Detection[]): string[] {
  return found.map((item) => {
    if (item.found === 'problem') return `! ${item.where}: ${item.reason}`;
    return item.found === 'package' ? `${item.package.name} ${item.package.version}` : item.found;
  });
}

const PACKAGES = [
  { name: 'acme/lab', version: 'v1.2.3', version_normalized: '1.2.3.0', type: 'library' },
  { name: 'Acme/Other', version: 'dev-main', 'install-path': '../acme/other' },
];
const BOTH = ['acme/lab v1.2.3', 'Acme/Other dev-main', 'repository'];

describe('installed.json', () => {
  const cases: [what: string, text: string, want: string[]][] = [
    ['of Composer 1', JSON.stringify(PACKAGES), BOTH],
    ['of Composer 2', JSON.stringify({ packages: PACKAGES, dev: true, 'dev-package-names': [] }), BOTH],
    ['with a byte order mark', `\uFEFF${JSON.stringify(PACKAGES)}`, BOTH],
    ['of nothing', '{"packages":[],"dev":false}', []],
    ['of something else', '{"packages":{}}', [`! ${PATH}: it has no list of packages`]],
    [
      'with unreadable packages',
      JSON.stringify([
        null,
        { name: 'a/b' },
        { name: 'a\n/b', version: '1' },
        { name: 'a/b', version: 1 },
        ...PACKAGES,
      ]),
      [...BOTH.slice(0, 2), `! ${PATH}: 4 of its packages have no readable name and version`, 'repository'],
    ],
  ];
  for (const [what, text, want] of cases)
    it(what, () => assert.deepEqual(lines(read({ [PATH]: text })), want));

  it('that is broken does not lose another', () => {
    for (const text of ['', '{', 'null', '7', '['.repeat(100_000), ' '.repeat(33 * 1024 * 1024)]) {
      const found = read({ [PATH]: text, 'b/composer/installed.json': JSON.stringify(PACKAGES) });
      assert.match(lines(found)[0]!, /^! app/);
      assert.deepEqual(lines(found).slice(1), BOTH);
    }
  });

  it('says where a package is', () => {
    assert.deepEqual(read({ [PATH]: JSON.stringify(PACKAGES) })[0], {
      found: 'package',
      package: {
        name: 'acme/lab',
        version: 'v1.2.3',
        kind: 'binary',
        database: `composer:${PATH}`,
        path: PATH,
      },
    });
  });

  const places: [string, boolean][] = [
    [PATH, true],
    ['composer/installed.json', true],
    ['srv/lib/composer/installed.json', true],
    ['app/vendor/composer/installed.php', false],
    ['app/vendor/mycomposer/installed.json', false],
    ['app/composer.json', false],
  ];
  for (const [path, want] of places) {
    it(`${path}: ${want}`, () =>
      assert.equal(installed.wants?.({ path, type: 'file', size: 1, mode: 0o644 }), want));
  }
  it('is a file', () => {
    assert.equal(installed.wants?.({ path: PATH, type: 'symlink', size: 0, mode: 0o777 }), false);
  });

  it('may be anything', () => {
    const text = JSON.stringify({ packages: PACKAGES });
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(text.length),
        fc.nat(text.length),
        fc.uint8Array(),
        (json, from, to, bytes) => {
          const bent = Buffer.concat([Buffer.from(text.slice(0, from)), bytes, Buffer.from(text.slice(to))]);
          const found = read({ a: JSON.stringify(json), b: JSON.stringify([json]), c: bent });
          for (const item of found)
            if (item.found === 'package') assert.ok(item.package.name && item.package.version);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('lookups of packagist', () => {
  const found = { name: 'Acme/Lab', version: 'v1.2.3', kind: 'binary' } as const;
  it('are of the repository packagist, by the name in lower case', () => {
    assert.deepEqual(lookups({ package: found, repository: PACKAGIST }), [
      { scope: 'packagist', name: 'acme/lab', kind: 'binary', version: 'v1.2.3' },
    ]);
  });
  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });
});
