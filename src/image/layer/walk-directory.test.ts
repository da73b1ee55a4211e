import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Detection, Detector } from '../../contract/detector.ts';
import { parseDigest } from '../../model/digest.ts';
import { createLayerBudget, DEFAULT_LIMITS, type LayerLimits } from './layer-limits.ts';
import { walkDirectory } from './walk-directory.ts';

const base = mkdtempSync(join(tmpdir(), 'clair-directory-'));
const root = join(base, 'the root');
after(() => rmSync(base, { recursive: true }));

mkdirSync(join(root, 'usr/lib'), { recursive: true });
mkdirSync(join(root, 'etc'));
mkdirSync(join(root, 'bin'));
writeFileSync(join(base, 'secret'), 'outside');
writeFileSync(join(root, 'usr/lib/os-release'), 'ID=x');
writeFileSync(join(root, 'b'), 'plain');
writeFileSync(join(root, 'bin/go'), `\x7fELF${'e'.repeat(600_000)}needle${'e'.repeat(100)}`);
symlinkSync('/usr/lib/os-release', join(root, 'etc/os-release'));
symlinkSync('../secret', join(root, 'out'));
symlinkSync(join(base, 'secret'), join(root, 'out2'));
symlinkSync('usr/lib', join(root, 'lib'));
symlinkSync('loop', join(root, 'loop'));
linkSync(join(root, 'b'), join(root, 'c'));

const says = (path: string, database: string): Detection => ({ found: 'database', path, database });

const reader: Detector = {
  id: 'd',
  revision: '1',
  kind: 'package',
  paths: ['etc/os-release'],
  wants: ({ path }) => !path.startsWith('bin/') && path !== 'loop',
  *read(layer) {
    for (const file of layer.files) yield says(file.path, file.read().toString());
  },
  inspects: ({ path }) => path.startsWith('bin/'),
  magic: (head) => head.length === 512 && head.subarray(1, 4).toString() === 'ELF',
  *inspect(file) {
    yield says(file.path, `${file.size} at ${file.indexOf(Buffer.from('needle'))}`);
  },
};

function walk(path: string, limits: Partial<LayerLimits> = {}, detector = reader): string[] {
  const reference = {
    hash: parseDigest(`sha256:${'0'.repeat(64)}`),
    uri: `dir://${encodeURI(path)}`,
    headers: {},
  };
  const budget = createLayerBudget({ ...DEFAULT_LIMITS, ...limits }, () => false);
  const { found, problems } = walkDirectory(reference, [detector], { budget });
  return [
    ...found.map((each) =>
      each.found === 'database'
        ? `${each.path}=${each.database}`
        : each.found === 'problem'
          ? `! ${each.where}: ${each.reason}`
          : '',
    ),
    ...problems.map(({ where, reason }) => `! ${where}: ${reason}`),
  ];
}

const want = [
  'bin/go=600110 at 600004',
  'b=plain',
  'c=plain',
  'etc/os-release=ID=x',
  'usr/lib/os-release=ID=x',
];

describe('walk a directory', () => {
  it('reads what is wanted, and nothing outside', () => assert.deepEqual(walk(root), want));
  it('reads big files where they are', () => assert.deepEqual(walk(root, { memoryFileBytes: 1 }), want));
  it('tells of files over a limit', () => {
    const told = walk(root, { fileBytes: 4 });
    assert.ok(told.includes('! b: file of 5 bytes exceeds the limit of 4'));
    assert.ok(
      walk(root, { inspectBytes: 4 }).includes('! bin/go: file of 600110 bytes exceeds the limit of 4'),
    );
  });
  it('takes a link to the root itself', () => {
    symlinkSync(root, join(base, 'link'));
    assert.deepEqual(walk(join(base, 'link')), want);
  });
  it('finds the target of a link that nobody asked for', () => {
    assert.deepEqual(walk(root, {}, { ...reader, wants: () => false, inspects: () => false }), [
      'etc/os-release=ID=x',
    ]);
  });
  it('tells of what it may not read', {
    skip: process.getuid?.() === 0 && 'root may read everything',
  }, () => {
    chmodSync(join(root, 'b'), 0);
    chmodSync(join(root, 'usr'), 0);
    const told = walk(root);
    chmodSync(join(root, 'b'), 0o644);
    chmodSync(join(root, 'usr'), 0o755);
    assert.match(
      told.find((text) => text.startsWith('! usr')) ?? '',
      /directory cannot be read: permission denied/,
    );
    assert.match(told.find((text) => text.startsWith('! b')) ?? '', /cannot be read: permission denied/);
  });
  it('refuses what is no directory', () => {
    for (const path of [join(root, 'none'), join(root, 'b')]) {
      assert.throws(() => walk(path), { code: 'layer-unavailable', message: /cannot read directory/ });
    }
  });
  it('keeps its limits', () => assert.throws(() => walk(root, { entries: 3 }), { code: 'layer-limit' }));
});
