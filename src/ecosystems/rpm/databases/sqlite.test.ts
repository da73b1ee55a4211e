import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { fileBytes } from '../../../formats/file-bytes.ts';
import { openSqlite, type SqliteRow } from '../../../formats/sqlite/file.ts';
import { withWal } from '../../../formats/sqlite/wal.ts';
import { rpmPackages } from '../../redhat/rpms/databases.ts';
import { findIn, fixture } from '../databases.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-sqlite-'));
after(() => rmSync(folder, { recursive: true }));

/** What SQLite itself makes of `statements`; the log as it is while the database is open. */
function build(
  name: string,
  statements: (database: DatabaseSync) => void,
  before?: Buffer,
): { bytes: Buffer; wal: Buffer } {
  const path = join(folder, name);
  if (before !== undefined) writeFileSync(path, before);
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    statements(database);
    const wal = database.prepare('pragma journal_mode').get()?.journal_mode === 'wal';
    return { bytes: readFileSync(path), wal: wal ? readFileSync(`${path}-wal`) : Buffer.alloc(0) };
  } finally {
    database.close();
  }
}

const rows = (bytes: Buffer, table: string): SqliteRow[] => [
  ...(openSqlite(fileBytes(bytes)).table(table) ?? []),
];

describe('tables of SQLite', () => {
  for (const size of [512, 4096, 65_536]) {
    it(`reads every kind of value and length, pages of ${size} bytes`, () => {
      const lengths = [0, 1, 100, 400, 470, 480, 500, 1000, 4000, 4061, 4062, 5000, 65_500, 65_600, 200_000];
      const { bytes } = build(`values-${size}`, (database) => {
        database.exec(`pragma page_size=${size}; create table t(a integer primary key, b, c)`);
        const insert = database.prepare('insert into t values(?, ?, ?)');
        for (const [index, length] of lengths.entries()) {
          insert.run(index * 1000 - 3000, Buffer.alloc(length, index), null);
        }
        const values = [0, 1, -1, 127, -129, 40_000, -9_000_000, 2 ** 40, -(2 ** 50), 1.5, 'text', 'ä'];
        for (const value of values) insert.run(null, value, 'x'.repeat(values.indexOf(value)));
      });
      const found = rows(bytes, 't').flatMap((row) => ('row' in row ? [row] : assert.fail(row.reason)));
      const blobs = found.slice(0, lengths.length);
      assert.deepEqual(
        blobs.map(({ row, values }) => [Number(row), (values[1] as Buffer).length]),
        [...lengths.map((length, index) => [index * 1000 - 3000, length])],
      );
      for (const [index, { values }] of blobs.entries()) {
        assert.ok((values[1] as Buffer).every((byte) => byte === index));
      }
      assert.deepEqual(
        found
          .slice(lengths.length)
          .map(({ values: [, value] }) => (typeof value === 'bigint' ? Number(value) : value)),
        [0, 1, -1, 127, -129, 40_000, -9_000_000, 2 ** 40, -(2 ** 50), 1.5, 'text', 'ä'],
      );
    });
  }

  it('does not read a page of overlapping rows over and over', () => {
    const { bytes } = build('overlap', (database) => {
      database.exec('create table t(a, b)');
      const insert = database.prepare('insert into t values(?, ?)');
      for (let index = 0; index < 50; index += 1) insert.run(index, 'x'.repeat(60));
    });
    const root = 4096; // the second page
    const cell = bytes.readUInt16BE(root + 8);
    for (let index = 0; index < 1000; index += 1) bytes.writeUInt16BE(cell, root + 8 + 2 * index);
    bytes.writeUInt16BE(1000, root + 3);
    const found = rows(bytes, 't');
    assert.ok(found.length < 100, String(found.length));
    assert.deepEqual(found.at(-1), { page: 2, reason: 'its rows overlap' });
  });

  it('follows no circle', () => {
    const { bytes } = build('circle', (database) => {
      database.exec('pragma page_size=512; create table t(a)');
      const insert = database.prepare('insert into t values(?)');
      for (let index = 0; index < 200; index += 1) insert.run('y'.repeat(100));
    });
    const root = 512;
    assert.equal(bytes[root], 5, 'an inner page');
    const count = bytes.readUInt16BE(root + 3);
    for (let index = 0; index < count; index += 1) {
      bytes.writeUInt32BE(2, root + bytes.readUInt16BE(root + 12 + 2 * index));
    }
    const reasons = rows(bytes, 't').flatMap((row) => ('reason' in row ? [row.reason] : []));
    assert.equal(reasons.length, count);
    assert.match(reasons[0] ?? '', /belongs to another object/);
  });
});

describe('the write-ahead log of SQLite', () => {
  const names = (files: Record<string, Buffer>) =>
    findIn(rpmPackages, files)
      .flatMap((item) => (item.found === 'package' ? [item.package.name] : []))
      .sort();
  const { bytes, wal } = build(
    'rpmdb.sqlite',
    (database) => {
      database.exec('pragma journal_mode=wal; pragma wal_autocheckpoint=0');
      const gauge = 'hnum = (select hnum from Packages where instr(blob, cast(? as blob)) > 0)';
      database.prepare(`delete from Packages where ${gauge}`).run('gauge\0');
    },
    fixture('rpmdb.sqlite.gz'),
  );

  it('has the last word', () => {
    const path = 'var/lib/rpm/rpmdb.sqlite';
    assert.deepEqual(names({ [path]: bytes }), ['engine', 'gauge', 'stream-tool']);
    assert.deepEqual(names({ [path]: bytes, [`${path}-wal`]: wal }), ['engine', 'stream-tool']);
    assert.deepEqual(names({ [path]: bytes, 'elsewhere/rpmdb.sqlite-wal': wal }), [
      'engine',
      'gauge',
      'stream-tool',
    ]);
  });

  it('ends where it is torn', () => {
    const file = fileBytes(bytes);
    const torn = Buffer.from(wal);
    torn[100]! ^= 1;
    for (const log of [wal.subarray(0, wal.length - 1), Buffer.alloc(0), torn])
      assert.equal(withWal(file, fileBytes(log)), file);
  });

  it('survives any damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(Math.min(wal.length - 1, 200)), fc.nat(255)), { maxLength: 5 }),
        fc.nat(wal.length),
        (spots, length) => {
          const copy = Buffer.from(wal);
          for (const [at, value] of spots) copy[at] = value;
          const file = withWal(fileBytes(bytes), fileBytes(copy.subarray(0, length)));
          assert.ok(file.size >= bytes.length);
          assert.equal(file.part(0, 512).length, 512);
        },
      ),
      { numRuns: 200 },
    );
  });
});
