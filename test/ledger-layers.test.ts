/** The ledger of several layers, whatever they do with files, and beside what `find` counts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { elf, pe } from '../src/formats/programs/programs.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import { walkDirectory } from '../src/image/layer/walk-directory.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import type { Digest } from '../src/model/digest.ts';
import { detectors } from './ecosystems.fixture.ts';
import {
  DEBIAN,
  dpkg,
  file,
  gone,
  JAR,
  ledgerOf,
  ledgerOfLayers,
  METADATA,
  program,
  SITE,
  script,
  told,
} from './ledger.fixture.ts';

describe('the ledger of several layers', () => {
  const base = [...dpkg('a', DEBIAN, 'usr/bin/a'), program('usr/bin/a')];
  const cases: [what: string, layers: TarFile[][], want: string][] = [
    [
      'a program that is added',
      [base, [program('usr/local/bin/new')]],
      'os_package 1, unaccounted 1, usr/local/bin/new',
    ],
    [
      'one that replaces that of a package',
      [base, [program('usr/bin/a', 'other')]],
      'unaccounted 1, usr/bin/a',
    ],
    ['one that is removed', [base, [gone('usr/bin/.wh.a')]], ''],
    ['one whose folder is removed', [base, [gone('usr/.wh.bin')]], ''],
    [
      'one whose folder is made new',
      [base, [gone('usr/bin/.wh..wh..opq'), script('usr/bin/b')]],
      'unaccounted 1, usr/bin/b',
    ],
    ['all of it removed', [base, [gone('.wh..wh..opq')]], ''],
    ['a text in place of it', [base, [file('usr/bin/a', 'text')]], ''],
    ['a folder in place of it', [base, [{ name: 'usr/bin/a/' }]], ''],
    ['a link in place of its folder', [base, [{ name: 'usr/bin', flag: '2', link: 'other' }]], ''],
    [
      'removed, and there again',
      [base, [gone('usr/bin/.wh.a')], [script('usr/bin/a')]],
      'unaccounted 1, usr/bin/a',
    ],
    ['the same layer twice', [base, base], 'os_package 1'],
    ['replaced within a layer', [[program('a'), file('a', 'text')]], ''],
  ];
  for (const [what, layers, want] of cases)
    it(`${what}: ${want || 'nothing'}`, async () => assert.equal(await told(...layers), want));

  it('lists the largest first, each with its layer', async () => {
    const { unaccounted } = await ledgerOfLayers(
      [program('a')],
      [program('b', 'x'.repeat(5000)), script('c')],
    );
    assert.deepEqual(
      unaccounted.map(({ path }) => path),
      ['b', 'a', 'c'],
    );
    assert.equal(unaccounted[0]?.layer, unaccounted[2]?.layer);
    assert.notEqual(unaccounted[0]?.layer, unaccounted[1]?.layer);
  });

  it('counts what a file system would have, whatever the layers do', async () => {
    const path = fc.constantFrom('a', 'b', 'd/a', 'd/b', 'd/e/a', 'd/e/b');
    const entry = fc.oneof(
      path.map(script),
      path.map((name) => file(name, 'text')),
      path.map((name) => gone(name.replace(/([^/]+)$/, '.wh.$1'))),
      fc.constantFrom('d/.wh..wh..opq', '.wh.d', 'd/.wh.e').map(gone),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 4 }), { maxLength: 4 }), async (layers) => {
        const there = new Set<string>();
        for (const layer of layers) {
          // OCI image-spec, layer.md: whiteouts hide what is below, never what is in their own layer.
          for (const { name } of layer) remove(there, String(name));
          for (const { name, content } of layer) {
            if (String(name).includes('.wh.')) continue;
            if (String(content).startsWith('#!')) there.add(String(name));
            else there.delete(String(name));
          }
        }
        const { accounts, unaccounted } = await ledgerOfLayers(...layers);
        assert.deepEqual(unaccounted.map((each) => each.path).sort(), [...there].sort());
        assert.equal(accounts.unaccounted.files, there.size);
      }),
      { numRuns: 60 },
    );
  });
});

function remove(there: Set<string>, whiteout: string): void {
  const [, folder = '', base] = /^(.*\/)?\.wh\.(.*)$/.exec(whiteout) ?? [];
  if (base === undefined) return;
  for (const path of there) {
    const isIn = base === '.wh..opq' ? path.startsWith(folder) : `${path}/`.startsWith(`${folder}${base}/`);
    if (isIn) there.delete(path);
  }
}

describe('the ledger and find', () => {
  const root = mkdtempSync(join(tmpdir(), 'clair-ledger-'));
  after(() => rmSync(root, { recursive: true }));
  const files = [
    ...dpkg('a', DEBIAN, 'usr/bin/a', 'usr/lib/a.so'),
    program('usr/bin/a'),
    file(
      'usr/lib/a.so',
      elf(() => Buffer.from('lib'), { type: 3 }),
    ),
    file(
      'usr/lib/a.o',
      elf(() => Buffer.from('object'), { type: 1 }),
    ),
    file(`${SITE}/lab-1.0.dist-info/METADATA`, METADATA),
    file(`${SITE}/lab-1.0.dist-info/RECORD`, 'lab/a.so,,\n'),
    program(`${SITE}/lab/a.so`, 'x'.repeat(3000)),
    file('opt/a.jar', JAR),
    file('opt/a.zip', JAR),
    script('opt/run'),
    file('opt/read', '#!/bin/sh\n'),
    file('opt/a.wasm', '\0asm\x01\0\0\0'),
    file(
      'opt/a.dll',
      pe(() => Buffer.from('x')),
    ),
    program('usr/local/bin/mine', 'x'.repeat(100_000)),
  ];
  for (const { name, content = '', mode } of files) {
    const path = join(root, String(name));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: mode ?? 0o644 });
  }

  it('come to the same sums, of a layer and of a directory', async () => {
    // By other means: find, and what is at the beginning of each file as `od` shows it.
    const found = execFileSync(
      'sh',
      [
        '-c',
        `cd "$0" && find . -type f | while IFS= read -r f; do
           case "$(od -An -tx1 -N4 "$f" | tr -d ' ') $f" in
             7f454c46*) case "$(od -An -tu2 -j16 -N2 "$f" | tr -d ' ')" in 2|3) ;; *) continue;; esac;;
             4d5a*|0061736d*|504b0304*.jar) ;;
             2321*) [ -n "$(find "$f" -perm /111)" ] || continue;;
             *) continue;;
           esac
           stat -c '%s' "$f"
         done`,
        root,
      ],
      { encoding: 'utf8' },
    );
    const sizes = found.trim().split('\n').map(Number);
    const reference = { hash: `sha256:${'0'.repeat(64)}` as Digest, uri: `dir://${root}`, headers: {} };
    const walked = walkDirectory(reference, detectors, {
      budget: createLayerBudget(DEFAULT_LIMITS, () => false),
    });
    for (const ledger of [ledgerOf([walked]), await ledgerOfLayers(files)]) {
      const totals = Object.values(ledger.accounts);
      assert.equal(
        totals.reduce((sum, each) => sum + each.files, 0),
        sizes.length,
      );
      assert.equal(
        totals.reduce((sum, { bytes }) => sum + bytes, 0),
        sizes.reduce((sum, size) => sum + size, 0),
      );
      assert.deepEqual([ledger.accounts.os_package.files, ledger.accounts.language_package.files], [2, 2]);
      assert.deepEqual(ledger.unaccounted.map(({ path }) => path).sort(), [
        'opt/a.dll',
        'opt/a.wasm',
        'opt/run',
        'usr/local/bin/mine',
      ]);
    }
  });
});
