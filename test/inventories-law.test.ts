/** The law of lists: what is read in a folder of sources is told in an image, where nothing of it may be installed. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { lawReaders } from '../scripts/fuzz/law/readers.ts';
import type { Detector } from '../src/contract/detector.ts';
import type { Ecosystem } from '../src/contract/ecosystem.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { inventoriesOf } from '../src/ecosystems/other/inventories.ts';
import { readFiles } from '../src/ecosystems/read-files.fixture.ts';
import { detectors, readSamples } from './ecosystems.fixture.ts';

/** Names that other things have, too: of an image only what is certain is told. */
const AMBIGUOUS = /^Manifest\.toml$/;

/** They tell of what runs elsewhere, and of what has no list: of an image they say nothing. */
const NO_LIST: ReadonlySet<string> = new Set(['github-workflows', 'project-file']);

const inventories = detectors.find(({ id }) => id === 'inventory')!;
const isWanted = (path: string, { wants }: Detector) => wants?.({ path, type: 'file', size: 1, mode: 0o644 });

/** Files of the samples that one of the detectors reads; of lists without advisories, the names alone. */
const paths = [
  ...[...lawReaders([...(await readSamples()).values()]).values()].map(({ path }) => path),
  ...['renv.lock', 'conan.lock', 'Podfile.lock'],
];

describe('lists that are read in directories of sources', () => {
  for (const detector of detectors.filter(({ checkouts, id }) => checkouts && !NO_LIST.has(id))) {
    const names = [
      ...new Set(paths.filter((path) => isWanted(path, detector)).map((path) => basename(path))),
    ];
    it(`${detector.id} has a sample`, () => assert.notDeepEqual(names, []));
    for (const name of names.filter((each) => !AMBIGUOUS.test(each)))
      for (const folder of ['', 'app/', 'usr/src/app/', 'srv/www/'])
        it(`${folder}${name} of ${detector.id} is told of in an image`, () =>
          assert.equal(isWanted(`${folder}${name}`, inventories), true));
  }
});

describe('lists that are told of in images', () => {
  it('are of detectors that there are, of packages', () => {
    const ids = detectors.filter(({ kind }) => kind === 'package').map(({ id }) => id);
    const named = ecosystems.flatMap(({ lists = [] }) => lists.flatMap((list) => list.detectors ?? []));
    assert.deepEqual([...new Set(named)].filter((id) => !ids.includes(id)).sort(), []);
  });

  it('are each of one ecosystem', () => {
    const lists = ecosystems.flatMap((each) => each.lists ?? []);
    const twice = paths
      .map((path) => basename(path))
      .filter((name) => lists.filter(({ is }) => is.test(name)).length > 1);
    assert.deepEqual(twice, []);
  });

  // An ecosystem is a folder and one line: what tells of its lists knows none by name.
  it('are those that the ecosystems say, and no others', () => {
    const lab: Ecosystem = {
      ...ecosystems.find(({ fallback }) => fallback)!,
      id: 'lab',
      detectors: [
        { id: 'lab', revision: '1', kind: 'package' },
        { id: 'lab-lock', revision: '1', kind: 'package', checkouts: true },
        { id: 'lab-release', revision: '1', kind: 'distribution' },
      ],
      lists: [{ is: /^lab\.lock$/, names: (text) => text.split(' ') }],
    };
    const made = inventoriesOf([lab]);
    const found = readFiles(made, { 'app/lab.lock': 'a b' });
    assert.deepEqual(
      found.map((each) => each.found === 'problem' && [each.where, each.kind, each.lists]),
      [['app/lab.lock', 'unread-inventory', { detectors: ['lab'], names: ['a', 'b'] }]],
    );
    const none = inventoriesOf([]);
    for (const path of paths)
      for (const detector of [made, none]) assert.equal(isWanted(path, detector), false, path);
  });
});
