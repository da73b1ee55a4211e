import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { installedPackages, isPackageRoot, NPM } from './detect-package-json.ts';

function read(contents: Readonly<Record<string, string>>, folders: readonly string[] = []): Detection[] {
  const files = Object.entries(contents).map(([path, text]) => layerFile(path, text));
  return [
    ...(installedPackages.read?.({
      files,
      file: () => undefined,
      has: (path) => folders.includes(path),
      names: () => [],
    }) ?? []),
  ];
}

it('tells a package and where it comes from', () => {
  const path = 'app/node_modules/@scope/name/package.json';
  assert.deepEqual(read({ [path]: '\uFEFF{"name":"@scope/name","version":"1.2.3-rc.1","private":true}' }), [
    {
      found: 'package',
      package: {
        name: '@scope/name',
        version: '1.2.3-rc.1',
        kind: 'binary',
        normalizedVersion: 'semver:0.1.2.3.0.0.0.0.0.0',
        database: `nodejs:${path}`,
        path,
      },
    },
    { found: 'repository', repository: NPM },
  ]);
});

describe('a package root', () => {
  const cases: [string, boolean][] = [
    ['node_modules/a/package.json', true],
    ['app/node_modules/a/package.json', true],
    ['app/node_modules/@s/a/package.json', true],
    ['app/node_modules/a/node_modules/b/package.json', true],
    ['app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', true],
    ['app/node_modules/a/dist/app/node_modules/b/package.json', true],
    ['test/fixtures/node_modules/a/package.json', true],
    ['app/node_modules/test/node_modules/b/package.json', true],
    ['app/node_modules/@tests/tests/node_modules/b/package.json', true],
    ['app/package.json', false],
    ['node_modules/package.json', false],
    ['node_modules/@s/package.json', false],
    ['node_modules/.cache/package.json', false],
    ['node_modules/@s/a/esm/package.json', false],
    ['node_modules/a/esm/package.json', false],
    ['node_modules/a/test/fixtures/package.json', false],
    ['node_modules/a/test/fixtures/node_modules/b/package.json', false],
    ['node_modules/a/__tests__/node_modules/@s/b/package.json', false],
    ['not_node_modules/a/package.json', false],
    ['my_node_modules/a/package.json', false],
    ['node_modules/a/package.json.bak', false],
    ['node_modules/a/.wh.package.json', false],
  ];
  for (const [path, want] of cases) {
    it(`${path}: ${want}`, () => assert.equal(isPackageRoot(path), want));
  }

  const outside: [what: string, path: string, json: object | string, want: string[]][] = [
    ['unpacked, with v', 'opt/yarn-v1.22.19/package.json', { name: 'yarn', version: '1.22.19' }, ['yarn']],
    ['unpacked', 'srv/n8n-1.0.0-rc.1/package.json', { name: 'n8n', version: '1.0.0-rc.1' }, ['n8n']],
    [
      'one of several versions',
      'ghost/versions/5.8.0/package.json',
      { name: 'ghost', version: '5.8.0' },
      ['ghost'],
    ],
    [
      'of another version than its folder says',
      'opt/x-1.0.0/package.json',
      { name: 'x', version: '2.0.0' },
      [],
    ],
    ['with what it depends on', 'app/package.json', { name: 'x', version: '2.0.0' }, ['x']],
    ['that nobody can publish', 'app/package.json', { name: 'x', version: '2.0.0', private: true }, []],
    ['of somebody', 'src/package.json', { name: 'x', version: '2.0.0' }, []],
    ['of somebody, unreadable', 'src/package.json', '{', []],
    ['unpacked, unreadable', 'opt/yarn-v1.22.19/package.json', '{', ['! opt/yarn-v1.22.19/package.json']],
    ['among test data', 'x/test/yarn-v1.22.19/package.json', { name: 'yarn', version: '1.22.19' }, []],
  ];
  for (const [what, path, json, want] of outside) {
    it(`outside of node_modules: ${what}`, () => {
      const wanted = installedPackages.wants?.({ path, type: 'file', size: 1, mode: 0o644 });
      const text = typeof json === 'string' ? json : JSON.stringify(json);
      const found = wanted ? read({ [path]: text }, ['app/node_modules']) : [];
      assert.deepEqual(
        found.flatMap((item) => {
          if (item.found === 'problem') return [`! ${item.where}`];
          return item.found === 'package' ? [item.package.name] : [];
        }),
        want,
      );
    });
  }

  it('is a file', () => {
    const entry = { path: 'node_modules/a/package.json', size: 1, mode: 0o644 };
    assert.equal(installedPackages.wants?.({ ...entry, type: 'file' }), true);
    assert.equal(installedPackages.wants?.({ ...entry, type: 'hardlink' }), true);
    assert.equal(installedPackages.wants?.({ ...entry, type: 'symlink' }), false);
  });
});

describe('package.json', () => {
  const at = (name: string) => `node_modules/${name}/package.json`;
  const cases: [string, string][] = [
    ['{"name":"a","version":"1.0.0"}', 'package'],
    ['{"name":"a","version":"whatever"}', 'package'],
    // npm installs nothing without both, but what a workspace has.
    ['{"name":"a"}', 'problem'],
    ['{"name":"","version":"1"}', 'problem'],
    ['{"type":"module"}', 'problem'],
    ['{"name":"a","private":true}', ''],
    ['[]', 'problem'],
    ['', 'problem'],
    ['{"name":', 'problem'],
    ['null', 'problem'],
    ['"text"', 'problem'],
    ['{"name":{},"version":"1.0.0"}', 'problem'],
    ['{"name":"a","version":1}', 'problem'],
    ['{"name":"a\\u0000","version":"1.0.0"}', 'problem'],
    [JSON.stringify({ name: 'a', version: '1'.repeat(600) }), 'problem'],
    [JSON.stringify({ text: 'x'.repeat(2 * 1024 * 1024), name: 'a', version: '1.0.0' }), 'package'],
    [JSON.stringify({ name: 'a', version: '1.0.0', text: 'x'.repeat(16 * 1024 * 1024) }), 'package'],
    ['['.repeat(500_000), 'problem'],
  ];
  for (const [text, want] of cases) {
    it(`${JSON.stringify(text.slice(0, 40))}: ${want || 'nothing'}`, () => {
      const found = read({ [at('p')]: text, [at('q')]: '{"name":"b","version":"1.0.0"}' }).map(
        (item) => item.found,
      );
      assert.deepEqual(found, [...(want ? [want] : []), 'package', 'repository']);
    });
  }

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (name, version, text) => {
        read({
          [at('p')]: JSON.stringify({ name, version }),
          [at('q')]: text,
          [at('r')]: JSON.stringify(name),
        });
      }),
      { numRuns: 300 },
    );
  });
});
