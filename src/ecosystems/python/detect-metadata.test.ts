import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection, Entry, EntryType, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import { installedDistributions, PYPI } from './detect-metadata.ts';
import { readMetadata } from './metadata.ts';

/** A layer of these files, of which the detector sees those that it wants. */
function layer(contents: Readonly<Record<string, string | Buffer>>): LayerView {
  const files = Object.entries(contents)
    .map(([path, text]) => layerFile(path, text))
    .filter((file) => installedDistributions.wants?.({ ...file, type: 'file' }));
  return {
    files,
    file: (path) => files.find((file) => file.path === path),
    names: () => [],
    has: (path) => path in contents,
  };
}

function read(contents: Readonly<Record<string, string | Buffer>>): Detection[] {
  return [...(installedDistributions.read?.(layer(contents)) ?? [])];
}

function packages(contents: Readonly<Record<string, string>>): string[] {
  return read(contents).flatMap((item) =>
    item.found === 'package' ? [`${item.package.name} ${item.package.version} ${item.package.database}`] : [],
  );
}

const SITE = 'usr/local/lib/python3.12/site-packages';
const metadata = (name: string, version: string): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: x\n\nName: body\n`;

it('tells a package and where it comes from', () => {
  assert.deepEqual(read({ [`${SITE}/Foo_Bar-1.0.dist-info/METADATA`]: metadata('Foo_Bar', 'v1.0-RC1') }), [
    {
      found: 'package',
      package: {
        name: 'foo_bar',
        version: '1.0rc1',
        kind: 'binary',
        normalizedVersion: 'pep440:0.1.0.0.0.0.-1.1.0.0',
        database: `python:${SITE}`,
        path: `${SITE}/Foo_Bar-1.0.dist-info/METADATA`,
      },
    },
    { found: 'repository', repository: PYPI },
  ]);
});

it('says nothing of a layer without packages', () => {
  assert.deepEqual(read({ 'etc/passwd': 'x', [`${SITE}/x.dist-info/RECORD`]: 'x' }), []);
});

describe('what is a distribution', () => {
  const cases: [string, string | undefined][] = [
    [`${SITE}/a-1.dist-info/METADATA`, `python:${SITE}`],
    [`${SITE}/a-1.egg-info/PKG-INFO`, `python:${SITE}`],
    [`${SITE}/a-1.egg-info`, `python:${SITE}`],
    [`${SITE}/a-1.egg/EGG-INFO/PKG-INFO`, `python:${SITE}/a-1.egg`],
    ['a.egg-info', 'python:.'],
    ['opt/a.dist-info/METADATA', 'python:opt'],
    [`${SITE}/a-1.dist-info/METADATA.bak`, undefined],
    [`${SITE}/a/METADATA`, undefined],
    [`${SITE}/.wh.a.egg-info`, undefined],
  ];
  for (const [path, database] of cases) {
    it(path, () => {
      assert.deepEqual(packages({ [path]: metadata('a', '1') }), database ? [`a 1 ${database}`] : []);
    });
  }

  const types: [EntryType, boolean][] = [
    ['file', true],
    ['hardlink', true],
    ['symlink', false],
    ['directory', false],
  ];
  for (const [type, want] of types) {
    const entry: Entry = { path: 'a.egg-info', type, size: 1, mode: 0o644 };
    it(`as a ${type}: ${want}`, () => assert.equal(installedDistributions.wants?.(entry), want));
  }
});

it('finds what is installed wherever it is, and whoever says that he installed it', () => {
  const found = packages({
    'var/lib/dpkg/status': '',
    'var/lib/rpm/rpmdb.sqlite': '',
    'usr/lib/python3/dist-packages/a-1.egg-info': metadata('a', '1'),
    'usr/lib64/python3.12/site-packages/b-1.dist-info/METADATA': metadata('b', '1'),
    'usr/lib64/python3.12/site-packages/b-1.dist-info/INSTALLER': 'rpm\n',
  });
  assert.equal(found.length, 2);
});

describe('a zipped egg', () => {
  const egg = (name: string, content: string | Buffer = metadata('a', '1')): Buffer =>
    makeZip({
      members: [
        { name: 'a/__init__.py', content: '' },
        { name, content },
      ],
    });
  const path = `${SITE}/a-1-py3.12.egg`;
  const cases: [string, string | Buffer, (string | undefined)[]][] = [
    ['with metadata', egg('EGG-INFO/PKG-INFO'), [`a 1 python:${path}`]],
    ['without', egg('EGG-INFO/top_level.txt'), []],
    ['that is none, but a link to a folder', '/src/a\n.', []],
    ['of nothing', '', []],
    ['that is cut', egg('EGG-INFO/PKG-INFO').subarray(0, 60), [undefined]],
    ['with metadata of nothing', egg('EGG-INFO/PKG-INFO', ''), [undefined]],
  ];
  for (const [what, content, want] of cases) {
    it(what, () => {
      const found = read({ [path]: content }).flatMap((item) => {
        if (item.found === 'problem') return [undefined];
        if (item.found !== 'package') return [];
        return [`${item.package.name} ${item.package.version} ${item.package.database}`];
      });
      assert.deepEqual(found, want);
    });
  }
});

describe('a zipped application', () => {
  const app = makeZip({
    members: [
      { name: '__main__.py', content: '' },
      { name: 'site-packages/a-1.dist-info/METADATA', content: metadata('a', '1') },
      { name: '.deps/b-2-py3-none-any.whl/b-2.dist-info/METADATA', content: metadata('b', '2') },
    ],
    prefix: Buffer.from('#!/usr/bin/env python3\n'),
  });
  for (const [path, content, want] of [
    ['srv/app.pyz', app, ['a 1 python:srv/app.pyz', 'b 2 python:srv/app.pyz']],
    ['srv/app.pex', app, ['a 1 python:srv/app.pex', 'b 2 python:srv/app.pex']],
    ['srv/cut.pyz', app.subarray(0, -30), [undefined]],
    ['srv/none.pyz', 'text', []],
  ] as const) {
    it(path, () => {
      const found = read({ [path]: content }).filter((item) => item.found !== 'repository');
      assert.deepEqual(
        found.map((item) =>
          item.found === 'package'
            ? `${item.package.name} ${item.package.version} ${item.package.database}`
            : undefined,
        ),
        want,
      );
    });
  }
});

describe('versions', () => {
  const cases: [string, string][] = [
    ['2.10', '2.10'],
    ['v2.10', '2.10'],
    ['1!2.0.dev3', '1!2.0.dev3'],
    ['1.0+ubuntu.1', '1.0'],
    ['1.0.dev0', '1.0.dev0'],
    ['1.0-beta-2', '1.0b2'],
    ['not-a-version', 'not-a-version'],
    ['prefix 1.0', 'prefix 1.0'],
  ];
  for (const [written, want] of cases) {
    it(written, () => {
      assert.deepEqual(packages({ 'x.egg-info': metadata('a', written) }), [`a ${want} python:.`]);
    });
  }

  it('that are none have no normalised form', () => {
    const [found] = read({ 'x.egg-info': metadata('a', 'none') });
    assert.ok(found?.found === 'package' && found.package.normalizedVersion === undefined);
  });
});

describe('a wheel whose metadata was removed', () => {
  const FOLDER = 'usr/lib/python3/site-packages/zope_interface-6.0.dist-info';
  const named = (contents: Record<string, string>, present: readonly string[] = []) => {
    const files = Object.entries(contents).map(([path, text]) => layerFile(path, text));
    const layer = {
      files,
      file: () => undefined,
      has: (path: string) => present.includes(path),
      names: () => [],
    };
    return [...installedDistributions.read!(layer)].flatMap((each) =>
      each.found === 'package' ? `${each.package.name} ${each.package.version} ${each.package.path}` : [],
    );
  };
  it('is told by its folder', () =>
    assert.deepEqual(named({ [`${FOLDER}/RECORD`]: 'x,,\n' }), [`zope-interface 6.0 ${FOLDER}/RECORD`]));
  it('is not told twice', () =>
    assert.deepEqual(named({ [`${FOLDER}/RECORD`]: 'x,,\n' }, [`${FOLDER}/METADATA`]), []));
  it('is none where the folder says no version', () =>
    assert.deepEqual(named({ 'a/lab-x.dist-info/RECORD': '', 'a/lab.dist-info/RECORD': '' }), []));
});

it('tells what cannot be read, and keeps the rest', () => {
  const found = read({
    'a.egg-info': '',
    'b.egg-info': 'Name: b\n\nVersion: 1\n',
    'c.egg-info': metadata('c', '1'),
    'd.egg-info': metadata('d\0', '1'),
  });
  assert.deepEqual(
    found.map((item) => (item.found === 'problem' ? item.where : item.found)),
    ['a.egg-info', 'b.egg-info', 'package', 'd.egg-info', 'repository'],
  );
});

it('tells of a file that is too big to read', () => {
  const view = layer({ 'a.egg-info': '', 'b.egg-info': metadata('b', '1') });
  const files = view.files.map((file) =>
    file.path.startsWith('a')
      ? {
          ...file,
          start: (): Buffer => {
            throw new Error('over the limit');
          },
        }
      : file,
  );
  const found = [...(installedDistributions.read?.({ ...view, files }) ?? [])];
  assert.deepEqual(found[0], { found: 'problem', where: 'a.egg-info', reason: 'over the limit' });
  assert.equal(found.length, 3);
});

describe('readMetadata', () => {
  const cases: [string, string | undefined][] = [
    ['Name: a\nVersion: 1\n', 'a 1'],
    ['NAME:a\r\nversion :  1 ', 'a 1'],
    ['\uFEFFName: a\nVersion: 1', 'a 1'],
    ['Name: long\n  name\nVersion: 1\n\t.2', 'long name 1 .2'],
    ['Name: a\nName: b\n c\nVersion: 1\nVersion: 2', 'a 1'],
    ['junk\nName: a\nX-Name: b\n folded\nVersion: 1', 'a 1'],
    [`Summary: ${'x'.repeat(300_000)}\nName: a\nVersion: 1`, 'a 1'],
    [`Name: a\nDescription: ${'x'.repeat(8 * 1024 * 1024)}\nVersion: 1`, undefined],
    [`Name: ${'a'.repeat(513)}\nVersion: 1`, undefined],
    ['Name:\nVersion: 1', undefined],
    ['Version: 1', undefined],
    ['', undefined],
  ];
  for (const [text, want] of cases) {
    it(JSON.stringify(text.slice(0, 40)), () => {
      const read = readMetadata(Buffer.from(text));
      assert.equal(read && `${read.name} ${read.version}`, want);
    });
  }

  it('reads any bytes', () => {
    const lines = fc.array(fc.constantFrom('Name: a', 'Version: 1', ' x', '', ':', '\r', '\0'), {
      maxLength: 8,
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)),
      lines.map((parts) => Buffer.from(parts.join('\n'))),
    );
    fc.assert(fc.property(bytes, (content) => void readMetadata(content)));
  });
});
