import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { unreadableFile } from '../../contract/layer-file.fixture.ts';
import { rpmPackages } from '../redhat/rpms/databases.ts';
import { composeNdb, findIn, fixture, headers } from './databases.fixture.ts';

const find = (contents: Record<string, string | Buffer>) => findIn(rpmPackages, contents);
const packages = (found: readonly Detection[]) =>
  found.flatMap((item) => (item.found === 'package' ? [item.package] : []));
const problems = (found: readonly Detection[]) =>
  found.flatMap((item) => (item.found === 'problem' ? [`${item.where}: ${item.reason}`] : []));
const databases = (found: readonly Detection[]) =>
  found.flatMap((item) => (item.found === 'database' ? [item.database] : []));

/** What rpm says of the fixture: name, epoch:version-release, arch, source rpm, label. */
const EXPECTED = fixture('packages.txt')
  .toString()
  .trimEnd()
  .split('\n')
  .filter((line) => !line.startsWith('gpg-pubkey '))
  .map((line) => {
    const [name = '', evr = '', arch = '', source = '', label = ''] = line.split(' ');
    return {
      name,
      version: evr.replace(/^0:/, ''),
      arch,
      source: source.replace(/\.src\.rpm$/, ''),
      module: label === '(none)' ? '' : label.split(':').slice(0, 2).join(':'),
    };
  });

const sqlite = fixture('rpmdb.sqlite.gz');
const bdb = fixture('Packages-1234.gz');
const ndb = composeNdb(headers());

const CASES: readonly [name: string, path: string, bytes: Buffer, database: string][] = [
  ['SQLite', 'var/lib/rpm/rpmdb.sqlite', sqlite, 'sqlite:var/lib/rpm'],
  ['Berkeley DB', 'var/lib/rpm/Packages', bdb, 'bdb:var/lib/rpm'],
  ['Berkeley DB, big endian', 'var/lib/rpm/Packages', fixture('Packages-4321.gz'), 'bdb:var/lib/rpm'],
  ['NDB', 'usr/lib/sysimage/rpm/Packages.db', ndb, 'ndb:usr/lib/sysimage/rpm'],
  ['a chroot', 'srv/chroot/var/lib/rpm/Packages.db', ndb, 'ndb:srv/chroot/var/lib/rpm'],
];

describe('rpm databases', () => {
  for (const [name, path, bytes, database] of CASES) {
    it(`reads ${name} as rpm does`, () => {
      const found = find({ [path]: bytes });
      assert.deepEqual(problems(found), []);
      assert.deepEqual(databases(found), [database]);
      const plain = packages(found)
        .map((each) => ({
          name: each.name,
          version: each.version,
          arch: each.arch ?? '',
          source: `${each.source?.name}-${each.source?.version.replace(/^\d+:/, '')}`,
          module: each.module ?? '',
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(plain, EXPECTED);
      for (const each of packages(found)) {
        assert.deepEqual([each.path, each.database, each.kind], [path, database, 'binary']);
      }
    });
  }

  it('gives a source the epoch of a package of the same version', () => {
    const sources = packages(find({ 'var/lib/rpm/rpmdb.sqlite': sqlite })).map(
      ({ name, source }) => `${name} ${source?.version}`,
    );
    assert.deepEqual(sources.sort(), [
      'engine 1:2.0~rc1-3.el9',
      'gauge 2.0~rc1-3.el9',
      'stream-tool 5.26.3-420.module+el8',
    ]);
  });

  it('tells an emptied database', () => {
    for (const [path, bytes, database] of [
      ['var/lib/rpm/rpmdb.sqlite', fixture('empty.sqlite.gz'), 'sqlite:var/lib/rpm'],
      ['var/lib/rpm/Packages.db', composeNdb([]), 'ndb:var/lib/rpm'],
    ] as const) {
      assert.deepEqual(find({ [path]: bytes }), [{ found: 'database', database, path }]);
    }
  });

  it('leaves other files of such names alone, but not where the database should be', () => {
    for (const name of ['Packages', 'Packages.db', 'rpmdb.sqlite']) {
      for (const content of ['', 'Package: bash\n', Buffer.alloc(600)]) {
        assert.deepEqual(find({ [`srv/repo/${name}`]: content }), []);
        const found = find({ [`var/lib/rpm/${name}`]: content });
        assert.deepEqual(
          found.map((item) => item.found),
          ['problem'],
        );
      }
    }
    assert.deepEqual(find({ 'var/lib/rpm/Packages.lock': sqlite, 'var/lib/rpm/__db.001': bdb }), []);
  });

  it('makes a file that cannot be read a problem', () => {
    const path = 'var/lib/rpm/Packages';
    const file = unreadableFile(path, 1000, () => assert.fail('over the limit'));
    const view = {
      files: [file],
      file: (at: string) => (at === path ? file : undefined),
      names: () => [],
      has: () => true,
    };
    assert.deepEqual(
      [...rpmPackages.read!(view)],
      [{ found: 'problem', where: path, reason: 'over the limit' }],
    );
  });
});

describe('damaged rpm databases', () => {
  const damaged = (bytes: Buffer, damage: (copy: Buffer) => void) => {
    const copy = Buffer.from(bytes);
    damage(copy);
    return copy;
  };
  const names = (found: readonly Detection[]) =>
    packages(found)
      .map(({ name }) => name)
      .sort();

  it('keeps the packages of an NDB beside one whose header is damaged', () => {
    const at = ndb.indexOf('gauge\0');
    const found = find({ 'var/lib/rpm/Packages.db': damaged(ndb, (copy) => copy.write('gouge', at)) });
    assert.deepEqual(names(found), ['engine', 'gouge', 'stream-tool']);
    assert.match(problems(found).join(), /checksum/);
    const slot = damaged(ndb, (copy) => copy.writeUInt32LE(0xffff, 32 + 16 + 8));
    assert.equal(packages(find({ 'var/lib/rpm/Packages.db': slot })).length, 2);
    assert.match(problems(find({ 'var/lib/rpm/Packages.db': slot })).join(), /package 1: its offset/);
  });

  it('keeps the packages of a Berkeley DB beside one whose pages go in circles', () => {
    const page = longChain(bdb);
    const found = find({
      'var/lib/rpm/Packages': damaged(bdb, (copy) => copy.writeUInt32LE(page, page * 4096 + 16)),
    });
    assert.equal(packages(found).length, 2);
    assert.match(problems(found).join(), /circles/);
  });

  it('does not take a database without its tables for an empty one', () => {
    const noSlots = damaged(ndb, (copy) => copy.writeUInt32LE(0, 12));
    assert.match(problems(find({ 'var/lib/rpm/Packages.db': noSlots })).join(), /no table of packages/);
    const noPages = Buffer.concat([
      damaged(bdb.subarray(0, 4096), (copy) => copy.fill(0, 32, 36).fill(0, 88, 92)),
      Buffer.alloc(4096),
    ]);
    assert.match(problems(find({ 'var/lib/rpm/Packages': noPages })).join(), /no page of packages/);
  });

  it('reads a Berkeley DB that ends too early', () => {
    const found = find({ 'var/lib/rpm/Packages': bdb.subarray(0, bdb.length - 4096) });
    assert.match(problems(found).join(), /ends before/);
  });

  it('misses the records of a Berkeley DB whose page is no longer one', () => {
    const page = Array.from({ length: bdb.length / 4096 }, (_, each) => each).find(
      (each) => each > 0 && bdb[each * 4096 + 25] === 13 && bdb.readUInt16LE(each * 4096 + 20) > 0,
    );
    const found = find({
      'var/lib/rpm/Packages': damaged(bdb, (copy) => copy.writeUInt8(0, page! * 4096 + 25)),
    });
    assert.match(problems(found).join(), /\d of 5 records are lost/);
  });

  it('refuses headers whose region does not end as it should', () => {
    const [header = Buffer.alloc(0)] = headers();
    const trailer = 8 + 16 * header.readUInt32BE(0) + header.readUInt32BE(8 + 8);
    const found = find({
      'var/lib/rpm/Packages.db': composeNdb([damaged(header, (copy) => copy.writeUInt32BE(62, trailer))]),
    });
    assert.match(problems(found).join(), /region/);
    assert.equal(header.readUInt32BE(trailer), 63);
  });

  it('tells of thousands of damaged records in few words', () => {
    const found = find({ 'var/lib/rpm/Packages.db': composeNdb(Array(2000).fill(Buffer.alloc(40)), 20) });
    assert.equal(found.length, 22);
    assert.match(problems(found).at(-1) ?? '', /1980 more/);
  });

  it('keeps the rows of a SQLite file beside a damaged page', () => {
    // The header of engine is too long for one page: what it goes on in is zeroed.
    const at = sqlite.indexOf('more of it more of it');
    const page = Math.floor(sqlite.indexOf('more of it', at + 4096) / 4096);
    const found = find({
      'var/lib/rpm/rpmdb.sqlite': damaged(sqlite, (copy) => copy.fill(0, page * 4096, (page + 1) * 4096)),
    });
    assert.equal(packages(found).length, 2);
    assert.notEqual(problems(found).length, 0);
  });

  for (const [name, path, bytes] of CASES.slice(0, 4)) {
    it(`survives any damage to ${name}`, () => {
      const spot = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
      // Structure is in the first bytes of pages: more is broken there.
      const hot = fc
        .tuple(fc.nat(Math.ceil(bytes.length / 4096) - 1), fc.nat(127), fc.constantFrom(0, 1, 2, 5, 13, 255))
        .map(([page, offset, value]): [number, number] => [page * 4096 + offset, value]);
      fc.assert(
        fc.property(
          fc.array(fc.oneof(spot, hot), { minLength: 1, maxLength: 40 }),
          fc.option(fc.nat(bytes.length)),
          (spots, cut) => {
            const copy = damaged(bytes, (each) => {
              for (const [at, value] of spots) if (at < each.length) each[at] = value;
            });
            const found = find({ [path]: cut === null ? copy : copy.subarray(0, cut) });
            assert.ok(found.length <= 40, 'bounded');
          },
        ),
        { numRuns: 1000 },
      );
    });
  }

  it('survives random bytes after the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(sqlite, bdb, ndb), (tail, head) => {
        const bytes = Buffer.concat([head.subarray(0, 100), tail]);
        for (const name of ['Packages', 'Packages.db', 'rpmdb.sqlite'])
          find({ [`var/lib/rpm/${name}`]: bytes });
      }),
      { numRuns: 1000 },
    );
  });
});

/** An overflow page that another one follows. */
function longChain(bytes: Buffer): number {
  for (let page = 1; page * 4096 < bytes.length; page += 1) {
    const start = page * 4096;
    if (bytes[start + 25] === 7 && bytes.readUInt32LE(start + 16) !== 0) return page;
  }
  return assert.fail('no header is that long');
}
