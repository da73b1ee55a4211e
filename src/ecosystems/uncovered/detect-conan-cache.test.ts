import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { conanCache } from './detect-conan-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-conan-'));
after(() => rmSync(folder, { recursive: true }));

const PATH = 'root/.conan2/p/cache.sqlite3';

/** A cache as Conan makes it, with these references and folders. */
function cache(name: string, rows: readonly (readonly [unknown, unknown])[], table = 'packages'): Buffer {
  const path = join(folder, name);
  const database = new DatabaseSync(path);
  database.exec(
    `create table ${table}(reference text not null, rrev text not null, pkgid text, prev text, path text not null, timestamp real, build_id text, lru integer)`,
  );
  const insert = database.prepare(`insert into ${table} values(?, 'r', 'p', 'v', ?, 1.5, null, 1)`);
  for (const [reference, at] of rows) insert.run(reference as string, at as string);
  database.close();
  return readFileSync(path);
}

function layerOf(bytes: Buffer): LayerView {
  const file = layerFile(PATH, bytes);
  return {
    files: [file],
    file: (path) => (path === PATH ? file : undefined),
    has: () => false,
    names: () => [],
  };
}

const read = (bytes: Buffer): string[] =>
  [...conanCache.read!(layerOf(bytes))].map((each: Detection) =>
    each.found === 'package'
      ? `${each.package.name} ${each.package.version}`
      : each.found === 'problem'
        ? each.reason
        : each.found,
  );

const SOUND = cache('sound.sqlite3', [
  ['zlib/1.2.11', 'b/zlib5d8f9c1e2a3b4/p'],
  ['openssl/3.0.8@lab/stable', 'opens1a2b3c4d5e6f7/p'],
  // Another build of the same.
  ['zlib/1.2.11', 'zlibaaaaaaaaaaaaa/p'],
]);

/** The table is page 2; the number of its rows stands 3 bytes into the page. */
function withoutRows(): Buffer {
  const bytes = Buffer.from(SOUND);
  bytes.writeUInt16BE(0, 4096 + 3);
  return bytes;
}

describe('the cache of Conan 2', () => {
  it('has the packages of its database, each once', () =>
    assert.deepEqual(read(SOUND), ['zlib 1.2.11', 'openssl 3.0.8']));

  it('accounts for the files in their folders, and for no others', () => {
    const paths = [
      'root/.conan2/p/b/zlib5d8f9c1e2a3b4/p/lib/libz.so',
      'root/.conan2/p/zlibaaaaaaaaaaaaa/p/bin/minigzip',
      'root/.conan2/p/other/p/lib/libx.so',
    ];
    const own = [...conanCache.brings!(layerOf(SOUND), new Set(paths), new Set([PATH]))];
    assert.deepEqual(own, paths.slice(0, 2));
    const outside = cache('outside.sqlite3', [['zlib/1.2.11', '../../../usr']]);
    assert.deepEqual([...conanCache.brings!(layerOf(outside), new Set(['usr/bin/x']), new Set([PATH]))], []);
  });

  it('may be empty', () => {
    assert.deepEqual(read(cache('empty.sqlite3', [])), []);
  });

  it('is wanted by its name, with the log beside it', () => {
    const wants = (path: string) => conanCache.wants!({ path, type: 'file', size: 1, mode: 0o644 });
    for (const path of [PATH, `${PATH}-wal`, 'home/x/.conan2/cache.sqlite3']) assert.equal(wants(path), true);
    assert.equal(wants('home/x/cache.sqlite3'), false);
  });

  const broken: [string, Buffer, RegExp][] = [
    ['no database', Buffer.from('x'.repeat(200)), /not a SQLite database/],
    ['another table', cache('other.sqlite3', [], 'recipes'), /no table "packages"/],
    [
      'no reference',
      cache('nameless.sqlite3', [
        ['zlib', 'x/p'],
        [7, 'y/p'],
      ]),
      /2 rows without/,
    ],
    ['a cut file', SOUND.subarray(0, 600), /./],
    ['a count of rows that became 0', withoutRows(), /1 row without/],
  ];
  for (const [what, bytes, want] of broken)
    it(`is told where it cannot be read: ${what}`, () => assert.match(read(bytes).join('; '), want));

  it('of any bytes is no reason to fail', () => {
    fc.assert(
      fc.property(fc.nat(SOUND.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = Buffer.from(SOUND);
        damaged[at] = byte;
        assert.ok(read(damaged).every((each) => each !== ''));
        for (const path of conanCache.brings!(layerOf(damaged), new Set(['usr/bin/x']), new Set()))
          assert.fail(path);
      }),
      { numRuns: 500 },
    );
  });
});
