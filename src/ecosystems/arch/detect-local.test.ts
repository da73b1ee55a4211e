import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayerDetections } from '../../contract/coalesce.ts';
import type { LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import type { Digest } from '../../model/digest.ts';
import { pacmanPackages } from './detect-local.ts';
import { arch } from './index.ts';
import { archRelease } from './release.ts';

const LOCAL = 'var/lib/pacman/local';
const record = (name: string, version: string, more = '') =>
  `%NAME%\n${name}\n\n%VERSION%\n${version}\n\n%BASE%\n${name}-base\n\n%ARCH%\nx86_64\n\n${more}`;
const SIGNED = '%PACKAGER%\nLab <lab@archlinux.org>\n\n%VALIDATION%\npgp\n\n';

function layerOf(contents: Readonly<Record<string, string>>): LayerView {
  const files = Object.entries(contents)
    .sort()
    .map(([path, text]) => layerFile(path, text));
  const file = (path: string) => files.find((each) => each.path === path);
  return { files, file, has: (path) => file(path) !== undefined, names: () => [] };
}

const find = (contents: Readonly<Record<string, string>>) => [...pacmanPackages.read!(layerOf(contents))];

describe("pacman's database", () => {
  it('has a package for each record', () => {
    assert.deepEqual(find({ [`${LOCAL}/curl-8.5.0-1/desc`]: record('curl', '8.5.0-1') }), [
      {
        found: 'package',
        package: {
          name: 'curl',
          version: '8.5.0-1',
          kind: 'binary',
          source: { name: 'curl-base', version: '8.5.0-1' },
          arch: 'x86_64',
          database: `${LOCAL}/curl-8.5.0-1`,
          path: `${LOCAL}/curl-8.5.0-1/desc`,
        },
      },
    ]);
  });

  for (const [what, text, reason] of [
    ['no name', '%VERSION%\n1-1\n', 'it has no %NAME%'],
    ['no version', '%NAME%\na\n\n%VERSION%\n\n', 'it has no %VERSION%'],
    ['nothing of a record', 'hello\n', 'it has no %NAME%'],
    ['an endless value', record('a', '1'.repeat(2000)), 'it has a value of over 1024 characters'],
  ] as const) {
    it(`tells of a record that has ${what}`, () => {
      const where = `${LOCAL}/a-1/desc`;
      assert.deepEqual(find({ [where]: text }), [{ found: 'problem', where, reason }]);
    });
  }

  it('tells of a record that was cut, with what is left of it', () => {
    const found = find({ [`${LOCAL}/a-1/desc`]: '%NAME%\na\n\n%VERSION%\n1-' });
    assert.deepEqual(
      found.map((item) => (item.found === 'problem' ? item.reason : item.found)),
      ['it ends in the middle of a line: what follows is missing', 'package'],
    );
  });

  it('wants records and lists of files wherever the database is', () => {
    const wants = (path: string) => pacmanPackages.wants!({ path, type: 'file', size: 1, mode: 0o644 });
    assert.ok(wants(`${LOCAL}/a-1/desc`) && wants(`root/${LOCAL}/a-1/files`));
    assert.ok(!wants(`${LOCAL}/ALPM_DB_VERSION`) && !wants(`${LOCAL}/a-1/mtree`) && !wants('desc'));
  });

  it("owns the files of Arch's packages, and tells which somebody built at home", () => {
    const layer = layerOf({
      [`${LOCAL}/python-x-1-1/desc`]: record('python-x', '1-1', SIGNED),
      [`${LOCAL}/python-x-1-1/files`]: '%FILES%\nusr/\nusr/lib/x/METADATA\n\n%BACKUP%\netc/x\n',
      [`${LOCAL}/python-y-1-1/desc`]: record('python-y', '1-1', '%PACKAGER%\nMe\n\n%VALIDATION%\nnone\n'),
      [`${LOCAL}/python-y-1-1/files`]: '%FILES%\nusr/lib/y/METADATA\n',
    });
    const paths = new Set(['usr/lib/x/METADATA', 'usr/lib/y/METADATA', 'etc/x']);
    assert.deepEqual(
      [...pacmanPackages.owns!(layer, paths, new Map())],
      [
        { path: 'usr/lib/x/METADATA', maker: 'distribution' },
        { path: 'usr/lib/y/METADATA', maker: 'other' },
      ],
    );
  });
});

describe('layers with packages of pacman', () => {
  const layer = (
    digit: string,
    contents: Readonly<Record<string, string>>,
    whiteouts: string[] = [],
  ): LayerDetections => ({
    layer: `sha256:${digit.repeat(64)}` as Digest,
    whiteouts,
    found: [
      ...find(contents).map((each) => ({ ...each, detector: 'pacman:1:package' })),
      ...[...archRelease.read!(layerOf(contents))].map((each) => ({
        ...each,
        detector: 'arch:1:distribution',
      })),
    ],
  });

  it('add up package by package: an update removes the old record', () => {
    const base = layer('1', {
      'etc/os-release': 'ID=arch\n',
      [`${LOCAL}/a-1-1/desc`]: record('a', '1-1'),
      [`${LOCAL}/b-1-1/desc`]: record('b', '1-1'),
    });
    const update = layer('2', { [`${LOCAL}/a-2-1/desc`]: record('a', '2-1') }, [`${LOCAL}/a-1-1`]);
    const { packages } = arch.coalesce([base, update]);
    assert.deepEqual(
      packages.map(({ package: { name, version }, environments }) => [
        name,
        version,
        environments[0]?.distribution?.did,
        environments[0]?.introducedIn,
      ]),
      [
        ['a', '2-1', 'arch', update.layer],
        ['b', '1-1', 'arch', base.layer],
      ],
    );
  });
});

describe('the distribution', () => {
  const did = (contents: Readonly<Record<string, string>>) =>
    [...archRelease.read!(layerOf(contents))].map(
      (item) => item.found === 'distribution' && item.distribution.did,
    );
  it('is Arch, and nothing that is built on it', () => {
    assert.deepEqual(did({ 'usr/lib/os-release': 'ID=arch\n' }), ['arch']);
    assert.deepEqual(did({ 'etc/os-release': 'ID=manjaro\nID_LIKE=arch\n' }), []);
    assert.deepEqual(did({ 'etc/os-release': 'ID=archarm\nID_LIKE=arch\n' }), []);
    assert.deepEqual(did({}), []);
  });
});
