import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { findBinaries } from './embedded-binaries.ts';
import { createCluster } from './embedded-cluster.ts';
import { placesOf, prepareDataDir } from './embedded-places.ts';
import { packTemplate, templatePath, unpackTemplate } from './embedded-template.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-template-test-'));
after(() => rmSync(root, { recursive: true, force: true }));
chmodSync(root, 0o755);

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
/** Beside what initdb makes. */
const NOTHING = { name: async () => '', complete: async () => {} };
let made = 0;

/** An empty directory, as `createCluster` makes it. */
function emptyFolder(): string {
  const folder = join(root, `folder-${++made}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** A directory with some files in it. */
function filledFolder(): string {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'base', '1'), { recursive: true, mode: 0o700 });
  mkdirSync(join(folder, 'empty'), { mode: 0o700 });
  writeFileSync(join(folder, 'base', '1', '112_fsm'), Buffer.alloc(10_000, 7));
  writeFileSync(join(folder, 'base', '1', '112'), '');
  writeFileSync(join(folder, 'base', '1', 'same'), Buffer.alloc(10_000, 7));
  writeFileSync(join(folder, 'base', '1', 'zeros'), Buffer.alloc(10_000));
  writeFileSync(
    join(folder, 'base', '1', 'nearly_empty'),
    Buffer.concat([Buffer.from('x\0y'), Buffer.alloc(9000)]),
  );
  writeFileSync(join(folder, 'PG_VERSION'), '18\n');
  return folder;
}

/** What lies below a directory: kind and content by path. */
function contentsOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths.map((path) => {
      const own = join(folder, path);
      return [path, statSync(own).isDirectory() ? 'directory' : readFileSync(own, 'latin1')];
    }),
  );
}

describe('template of a cluster', () => {
  it('makes copies, for this user alone', () => {
    const [folder, copy, template] = [filledFolder(), emptyFolder(), join(root, 'template.zst')];
    packTemplate(template, folder, undefined);
    assert.equal(unpackTemplate(template, copy, undefined), true);
    assert.deepEqual(contentsOf(copy), contentsOf(folder));
    assert.equal(statSync(join(copy, 'base', '1')).mode & 0o777, 0o700);
    assert.equal(statSync(join(copy, 'base', '1', '112_fsm')).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(root).filter((name) => name.includes('.new-')),
      [],
    );
  });

  it('is not there before it was made, and not where nothing can be written', () => {
    const copy = emptyFolder();
    assert.equal(unpackTemplate(join(root, 'none.zst'), copy, undefined), false);
    packTemplate(join(root, 'no', 'such', 'place.zst'), filledFolder(), undefined);
    assert.equal(existsSync(join(root, 'no')), false);
  });

  it('is removed and made anew if it is damaged', () => {
    const template = join(root, 'damaged.zst');
    packTemplate(template, filledFolder(), undefined);
    const whole = readFileSync(template);
    const listing = (entry: object): Buffer => zstdCompressSync(`${JSON.stringify([entry])}\nx`);
    const odd = [
      { path: '../outside', at: 0, length: 1, size: 1 },
      { path: 'a', at: 0, length: 2, size: 2 },
      { path: 'a', at: 1, length: 1, size: 1 },
      { path: 'a', at: -1, length: 1, size: 1 },
      { path: 'a', at: 0, length: 1, size: 0 },
      { path: 'a', at: 0, length: 1, size: 1e12 },
      { path: 'a', size: 1 },
    ].map(listing);
    const flipped = Buffer.from(whole);
    flipped[whole.length >> 1]! ^= 1;
    for (const bytes of [whole.subarray(0, -7), flipped, Buffer.alloc(0), ...odd]) {
      writeFileSync(template, bytes);
      const copy = emptyFolder();
      assert.equal(unpackTemplate(template, copy, undefined), false);
      assert.deepEqual(readdirSync(copy), []);
      assert.equal(existsSync(template), false);
    }
    assert.equal(existsSync(join(root, 'outside')), false);
  });

  it('has no link, and nothing that a link leads to', () => {
    const [folder, template] = [filledFolder(), join(root, 'linked.zst')];
    writeFileSync(join(root, 'secret'), 'secret');
    symlinkSync(join(root, 'secret'), join(folder, 'base', 'link'));
    packTemplate(template, folder, undefined);
    assert.equal(existsSync(template), false);
  });

  it("is root's when root works for another user, and the copy is that user's", {
    skip: !isRoot && 'only root works for others',
  }, () => {
    const [folder, copy, template] = [filledFolder(), emptyFolder(), join(root, 'roots.zst')];
    const own = [
      'base/1/112_fsm',
      'base/1/112',
      'base/1/same',
      'base/1/zeros',
      'base/1/nearly_empty',
      'base/1',
      'base',
      'empty',
      'PG_VERSION',
      '',
    ];
    for (const path of own) chownSync(join(folder, path), NOBODY.uid, NOBODY.gid);
    packTemplate(template, folder, NOBODY);
    assert.equal(statSync(template).uid, 0);
    assert.equal(unpackTemplate(template, copy, NOBODY), true);
    for (const each of [folder, copy])
      for (const path of own) assert.equal(lstatSync(join(each, path)).uid, NOBODY.uid, path);
  });

  it('goes when nothing was made of it for a month', () => {
    const folder = join(root, 'aged');
    mkdirSync(folder);
    const path = (digit: string): string => join(folder, `cluster-${digit.repeat(16)}.zst`);
    const [old, used] = [path('0'), path('1')];
    const month = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    for (const each of [old, used]) {
      packTemplate(each, filledFolder(), undefined);
      utimesSync(each, month, month);
    }
    assert.equal(unpackTemplate(used, emptyFolder(), undefined), true);
    packTemplate(path('2'), filledFolder(), undefined);
    assert.deepEqual(
      [old, used, path('2')].map((each) => existsSync(each)),
      [false, true, true],
    );
  });

  it('is of one program, called in one way', () => {
    const programs = join(root, 'programs', 'native', 'bin');
    mkdirSync(programs, { recursive: true });
    const postgres = join(programs, 'postgres');
    writeFileSync(postgres, 'first');
    const path = templatePath(postgres, ['--a']);
    assert.equal(join(path, '..'), join(root, 'programs'));
    assert.equal(templatePath(postgres, ['--a']), path);
    assert.notEqual(templatePath(postgres, ['--b']), path);
    writeFileSync(postgres, 'another');
    assert.notEqual(templatePath(postgres, ['--a']), path);
  });

  it('makes the cluster that initdb makes', async () => {
    const make = async (name: string): Promise<Record<string, string>> => {
      const dataDir = join(root, name);
      const runAs = prepareDataDir(dataDir);
      await createCluster(placesOf(dataDir), findBinaries(dataDir, runAs), runAs, NOTHING);
      const { cluster } = placesOf(dataDir);
      assert.equal(statSync(cluster).uid, runAs?.uid ?? process.getuid?.());
      return contentsOf(cluster);
    };
    // Whichever of them was a copy: the first one may be as well.
    const [first, second] = [await make('first'), await make('second')];
    assert.ok(Object.keys(first).length > 500);
    assert.deepEqual(Object.keys(second), Object.keys(first));
    assert.equal(second.PG_VERSION, first.PG_VERSION);
  });
});
