import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../../contract/detector.ts';
import { findIn, fixture } from '../../rpm/databases.fixture.ts';
import { rpmPackages } from '../rpms/databases.ts';
import { buildDatabase, dnf4, dnf5, type HistoryTransaction } from './history.fixture.ts';
import { repoidOf, rhelRepositories } from './repoids.ts';

const find = (contents: Record<string, string | Buffer>) => findIn(rhelRepositories, contents);
const repoids = (found: readonly Detection[]) =>
  found.flatMap((item) => (item.found === 'repository' ? [repoidOf(item.repository.uri ?? '')] : []));
const problems = (found: readonly Detection[]) =>
  found.flatMap((item) => (item.found === 'problem' ? [`${item.where}: ${item.reason}`] : []));

const OF_4 = 'var/lib/dnf/history.sqlite';
const OF_5 = 'usr/lib/sysimage/libdnf5/transaction_history.sqlite';
const MANIFEST = 'root/buildinfo/content_manifests/lab-1-1.json';
const manifest = (sets: unknown, more: object = {}) =>
  JSON.stringify({ metadata: {}, content_sets: sets, ...more });

describe('content manifests', () => {
  const cases: [what: string, contents: Record<string, string>, repoids: string[], problems: number][] = [
    ['one', { [MANIFEST]: manifest(['b', 'a', 'b']) }, ['a', 'b'], 0],
    ['none', {}, [], 0],
    [
      'the first place',
      { [MANIFEST]: manifest(['a']), 'usr/share/buildinfo/content_manifests/x.json': manifest(['b']) },
      ['a'],
      0,
    ],
    [
      'the second place',
      {
        'usr/share/buildinfo/content_manifests/x.json': manifest(['b']),
        'usr/share/buildinfo/y.json': manifest(['c']),
      },
      ['b'],
      0,
    ],
    [
      'the third place, with other things',
      {
        'usr/share/buildinfo/a.json': '{"x":1}',
        'usr/share/buildinfo/labels.json': manifest(['x']),
        'usr/share/buildinfo/y.json': manifest(['c']),
      },
      ['c'],
      0,
    ],
    [
      'all of a squashed layer',
      { [MANIFEST]: manifest(['a']), 'root/buildinfo/content_manifests/ubi-9-1.json': manifest(['b']) },
      ['a', 'b'],
      0,
    ],
    ['deeper is elsewhere', { 'root/buildinfo/content_manifests/x/y.json': manifest(['a']) }, [], 0],
    [
      'the readable of two',
      { [MANIFEST]: 'replaced by a tool', 'root/buildinfo/content_manifests/ubi-9-1.json': manifest(['b']) },
      ['b'],
      1,
    ],
    [
      'the next place if nothing can be read',
      { [MANIFEST]: '{', 'usr/share/buildinfo/y.json': manifest(['c']) },
      ['c'],
      1,
    ],
    ['wrong types', { [MANIFEST]: manifest('a') }, [], 1],
    ['wrong names', { [MANIFEST]: manifest(['a', 1, '', 'x'.repeat(2000), null]) }, ['a'], 1],
    ['a wrong hint', { [MANIFEST]: manifest(['a'], { from_dnf_hint: 'yes' }) }, ['a'], 1],
    ['no content sets', { [MANIFEST]: '{"metadata":{}}' }, [], 1],
    ['no object', { [MANIFEST]: '[]' }, [], 1],
    ['deep nonsense', { [MANIFEST]: '['.repeat(100_000) }, [], 1],
    ['an empty list', { [MANIFEST]: manifest([]) }, [], 0],
  ];
  for (const [what, contents, names, count] of cases) {
    it(what, () => {
      const found = find(contents);
      assert.deepEqual(repoids(found), names);
      assert.equal(problems(found).length, count, problems(found).join('\n'));
    });
  }

  it('go before the history, unless they say that dnf knows', () => {
    const history = dnf4([[1, 1, 1]]).bytes;
    assert.deepEqual(repoids(find({ [MANIFEST]: manifest(['set']), [OF_4]: history })), ['set']);
    const hinted = manifest(['set'], { from_dnf_hint: true });
    assert.deepEqual(repoids(find({ [MANIFEST]: hinted, [OF_4]: history })), ['base']);
    assert.deepEqual(repoids(find({ [MANIFEST]: '{"from_dnf_hint":true}', [OF_4]: history })), ['base']);
  });

  it('tell names that damage joined', () => {
    const found = find({ [MANIFEST]: manifest(['a-rpms","b-rpms', 'c-rpms']) });
    assert.deepEqual(repoids(found), ['c-rpms']);
    assert.ok(found.some((item) => item.found === 'problem' && /no name/.test(item.reason)));
  });

  it('survive anything', () => {
    const valid = manifest(['rhel-9-baseos-rpms', 'rhel-9-appstream-rpms'], { from_dnf_hint: false });
    fc.assert(
      fc.property(
        fc.nat(valid.length),
        fc.nat(9),
        fc.string({ maxLength: 5 }),
        fc.json(),
        (at, cut, put, other) => {
          find({ [MANIFEST]: valid.slice(0, at) + put + valid.slice(at + cut) });
          find({ [MANIFEST]: other });
        },
      ),
      { numRuns: 2000 },
    );
  });

  for (const repoid of ['rhel-9-for-x86_64-baseos-rpms', "a b+c&d=e%/é~*'()!", '%zz']) {
    it(`${repoid} is in the URI as in a form`, () => {
      const [repository] = find({ [MANIFEST]: manifest([repoid]) });
      assert.ok(repository?.found === 'repository');
      const { uri = '', key } = repository.repository;
      assert.match(uri, /^repoid=[\w.%+~-]*$/);
      assert.equal(key, 'rhel-cpe-repository');
      assert.equal(repoidOf(uri), repoid);
      assert.equal(new URLSearchParams(uri).get('repoid'), repoid);
    });
  }
});

describe('the history of dnf', () => {
  const transactions: [
    what: string,
    of4: HistoryTransaction[],
    of5: HistoryTransaction[],
    repoids: string[],
  ][] = [
    [
      'installed',
      [
        [1, 1, 1],
        [2, 2, 1],
      ],
      [
        [1, 1, 'Install'],
        [2, 2, 'Install'],
      ],
      ['app stream', 'base'],
    ],
    [
      'the last one counts',
      [
        [1, 1, 1],
        [1, 2, 6],
      ],
      [
        [1, 1, 'Install'],
        [1, 2, 'Upgrade'],
      ],
      ['app stream'],
    ],
    [
      'removing says nothing',
      [
        [1, 1, 1],
        [1, 3, 8],
      ],
      [
        [1, 1, 'Install'],
        [1, 3, 'Remove'],
      ],
      ['base'],
    ],
    [
      'nor does a new reason',
      [
        [1, 1, 1],
        [1, 3, 11],
      ],
      [
        [1, 1, 'Install'],
        [1, 3, 'Reason Change'],
      ],
      ['base'],
    ],
    [
      'nor the old of a replaced one',
      [
        [1, 1, 9],
        [1, 3, 10],
      ],
      [
        [1, 1, 'Reinstall'],
        [1, 3, 'Replaced'],
      ],
      ['base'],
    ],
    ['only removed', [[1, 1, 8]], [[1, 1, 'Remove']], []],
    [
      'a repository or item that is not there',
      [
        [1, 99, 1],
        [99, 1, 1],
      ],
      [
        [1, 99, 'Install'],
        [99, 1, 'Install'],
      ],
      [],
    ],
    ['nothing', [], [], []],
  ];
  for (const [what, of4, of5, names] of transactions) {
    it(`${what}: dnf 4 and dnf 5`, () => {
      const found = find({ [OF_4]: dnf4(of4).bytes });
      assert.deepEqual([repoids(found), problems(found)], [names, []]);
      const { bytes, wal } = dnf5(of5);
      const later = find({ [OF_5]: bytes, [`${OF_5}-wal`]: wal });
      assert.deepEqual([repoids(later), problems(later)], [names, []]);
    });
  }

  it('of dnf 5 goes before that of dnf 4', () => {
    const { bytes, wal } = dnf5([[1, 2, 'Install']]);
    assert.deepEqual(
      repoids(find({ [OF_4]: dnf4([[1, 1, 1]]).bytes, [OF_5]: bytes, [`${OF_5}-wal`]: wal })),
      ['app stream'],
    );
  });

  it('that is none, or lacks tables, is told', () => {
    assert.deepEqual(problems(find({ [OF_4]: 'text' })), [`${OF_4}: it is no database of SQLite`]);
    const empty = buildDatabase('create table other (id integer)').bytes;
    assert.deepEqual(
      problems(find({ [OF_4]: empty })),
      ['repo', 'trans_item', 'rpm'].map((table) => `${OF_4}: there is no table ${table}`),
    );
  });

  it('gives the rpms of its layer their hints, by name, epoch, version, release and arch', () => {
    const database = fixture('rpmdb.sqlite.gz');
    const rpms = (found: readonly Detection[]) =>
      found.flatMap((item) => (item.found === 'package' ? [item.package] : []));
    const plain = rpms(findIn(rpmPackages, { 'var/lib/rpm/rpmdb.sqlite': database }));
    assert.ok(plain.length > 2 && plain.every(({ hint }) => hint === undefined));
    const packages = plain.map(({ name, version, arch }, index) => {
      const [, epoch = '0', v, r] = /^(?:(\d+):)?(.*)-(.*)$/.exec(version) ?? [];
      // Of the first everything is right, of the others one thing is not.
      const wrong = index % 5;
      return [
        index + 1,
        wrong === 1 ? `${name}x` : name,
        wrong === 2 ? Number(epoch) + 1 : Number(epoch),
        v,
        wrong === 3 ? `${r}.1` : r,
        wrong === 4 ? 'other' : (arch ?? ''),
      ];
    });
    const history = dnf4(
      packages.map(([item]) => [Number(item), 2, 1]),
      packages,
    ).bytes;
    const hinted = rpms(findIn(rpmPackages, { 'var/lib/rpm/rpmdb.sqlite': database, [OF_4]: history }));
    assert.deepEqual(
      hinted.map(({ hint }) => hint),
      plain.map((_, index) => (index % 5 === 0 ? 'repoid=app+stream' : undefined)),
    );
    const closed = rpms(
      findIn(rpmPackages, {
        'var/lib/rpm/rpmdb.sqlite': database,
        [OF_4]: history,
        [MANIFEST]: manifest(['set']),
      }),
    );
    assert.ok(closed.every(({ hint }) => hint === undefined));
  });

  it('survives damage', () => {
    const whole = dnf4([
      [1, 1, 1],
      [2, 2, 1],
      [3, 4, 6],
      [1, 2, 9],
    ]).bytes;
    const log = dnf5([
      [1, 1, 'Install'],
      [2, 2, 'Upgrade'],
    ]);
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), fc.nat(whole.length), (changes, cut) => {
        const damaged = (bytes: Buffer) => {
          const copy = Buffer.from(bytes);
          for (const [at, byte] of changes) copy[at % copy.length] = byte;
          return copy;
        };
        find({ [OF_4]: damaged(whole) });
        find({ [OF_4]: whole.subarray(0, cut) });
        find({ [OF_5]: damaged(log.bytes), [`${OF_5}-wal`]: log.wal });
        find({ [OF_5]: log.bytes, [`${OF_5}-wal`]: damaged(log.wal) });
      }),
      { numRuns: 150 },
    );
  });
});
