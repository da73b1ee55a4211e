/** What detectors get of a layer, and which limits end a walk. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detector } from '../../contract/detector.ts';
import { tarOf } from '../tar/writer.fixture.ts';
import { detector, everything, f, hard, keeper, says, sym, told, walk } from './walk-layer.fixture.ts';

describe('walk a layer: detectors', () => {
  const elf = Buffer.concat([
    Buffer.from('\x7fELF'),
    Buffer.alloc(1000, 'e'),
    Buffer.from('needle'),
    Buffer.alloc(300_000),
  ]);
  const looker = (parts: Partial<Detector> = {}): Detector =>
    detector({
      inspects: ({ path }) => path.startsWith('bin/'),
      magic: (head) => head.subarray(1, 4).toString() === 'ELF',
      *inspect(file, entry) {
        yield says(
          entry.path,
          `${file.size} ${file.read(0, 4).toString()} ${file.indexOf(Buffer.from('needle'))} ${file.read(file.size - 1, 10).length}`,
        );
      },
      ...parts,
    });
  it('says of all hard links what was found in the file', async () => {
    const links = tarOf(
      hard('bin/early', 'bin/x'),
      { name: 'bin/x', content: elf },
      hard('bin/y', 'bin/x'),
      hard('other/z', 'bin/y'),
      hard('bin/sh', 'bin/none'),
      hard('bin/gone', 'bin/x'),
      f('bin/gone', 'something else'),
      sym('bin/s', 'x'),
    );
    const packages = looker({
      *inspect(_file, { path }) {
        const found = { name: 'p', version: '1', kind: 'binary', database: `go:${path}`, path } as const;
        yield { found: 'package', package: found };
      },
    });
    const { found } = await walk(links, [packages]);
    assert.deepEqual(
      found.map((item) => item.found === 'package' && `${item.package.database} ${item.package.path}`),
      ['bin/x', 'bin/early', 'bin/y', 'other/z'].map((path) => `go:${path} ${path}`),
    );
  });
  const archive = tarOf(
    f('bin/sh', '#!/bin/sh'),
    { name: 'bin/x', content: elf },
    { name: 'lib/x', content: elf },
    { name: 'bin/tiny', content: '\x7fELF' },
    f('bin/none', ''),
  );
  const want = ['bin/x=301010 \x7fELF 1004 1', 'bin/tiny=4 \x7fELF -1 1'];

  it('looks at files by their first bytes, in memory or on disk', async () => {
    assert.deepEqual(told(await walk(archive, [looker()])), want);
    assert.deepEqual(told(await walk(archive, [looker()], { inspectMemoryBytes: 100 })), want);
  });
  it('keeps and looks at the same file', async () => {
    const both = looker({
      wants: ({ path }) => path === 'bin/x',
      *read(layer) {
        yield says('kept', String(layer.files[0]?.size));
      },
    });
    assert.deepEqual(told(await walk(archive, [both])), [...want, 'kept=301010']);
  });
  it('tells of files over a limit', async () => {
    assert.deepEqual(told(await walk(archive, [looker()], { inspectBytes: 1000 })), [
      want[1],
      '! bin/x: file of 301010 bytes exceeds the limit of 1000',
    ]);
    assert.deepEqual(told(await walk(tarOf(f('a', 'long'), f('b', '1')), [everything], { fileBytes: 3 })), [
      'b=1',
      '! a: file of 4 bytes exceeds the limit of 3',
    ]);
    const spilling = { memoryFileBytes: 0, spillBytes: 5 };
    assert.deepEqual(told(await walk(tarOf(f('a', 'long'), f('b', '12')), [everything], spilling)), [
      'a=long',
      '! b: files wanted of this layer are over the limit of 5 bytes',
    ]);
  });
  it('keeps the same in memory and on disk', async () => {
    const many = tarOf(
      ...Array.from({ length: 50 }, (_, i) => f(`f${String(i).padStart(2, '0')}`, 'x'.repeat(i * 100))),
    );
    const inMemory = told(await walk(many, [everything]));
    assert.deepEqual(told(await walk(many, [everything], { memoryFileBytes: 1000 })), inMemory);
    assert.deepEqual(told(await walk(many, [everything], { memoryBytes: 5000 })), inMemory);
  });
  it('loses only the detections of a detector that throws', async () => {
    const boom = (): never => {
      throw new Error('boom');
    };
    const lost = (where: string): string =>
      `! ${where}: detector failed, what it found in this layer is lost: boom`;
    for (const [bad, where] of [
      [keeper(boom), 'a'],
      [
        keeper(() => true, {
          *read() {
            yield says('x', 'y');
            boom();
          },
        }),
        '',
      ],
      [detector({ inspects: boom, magic: () => true, inspect: () => [] }), 'a'],
      [detector({ inspects: () => true, magic: boom, inspect: () => [] }), 'a'],
      [
        detector({
          inspects: () => true,
          magic: () => true,
          inspect: boom,
          *read() {
            yield says('x', 'y');
          },
        }),
        'a',
      ],
    ] as const) {
      const walked = await walk(tarOf(f('a', '1'), f('b', '2')), [{ ...bad, id: 'bad' }, everything]);
      assert.deepEqual(told(walked), [lost(where), 'a=1', 'b=2']);
      assert.equal(walked.found[0]?.detector, 'bad:1:package');
    }
  });
});

describe('walk a layer: limits', () => {
  it('bounds entries, and directories that they imply', async () => {
    await assert.rejects(walk(tarOf(f('a'), f('b'), f('c')), [], { entries: 2 }), {
      code: 'layer-limit',
      message: /more than 2 entries/,
    });
    await assert.rejects(walk(tarOf(f('a/b/c/d')), [], { entries: 3 }), { code: 'layer-limit' });
  });
  it('leaves out paths that are too long', async () => {
    const walked = await walk(tarOf(f('a'.repeat(50)), f('b', '1'), sym('l', 'x'.repeat(50))), [everything], {
      pathBytes: 20,
    });
    assert.deepEqual(told(walked), [
      'b=1',
      `! ${'a'.repeat(50)}…: path exceeds the limit of 20 bytes`,
      '! l…: path exceeds the limit of 20 bytes',
    ]);
  });
  it('ends a bomb quickly', async () => {
    const zeros = tarOf({ name: 'a', content: Buffer.alloc(20 * 1024 * 1024) });
    await assert.rejects(walk(zeros, [everything], { ratioFrom: 1024 * 1024 }), {
      code: 'layer-limit',
      message: /200 times/,
    });
  });
  it('counts the holes of sparse files', async () => {
    const bomb = tarOf(
      ...Array.from({ length: 50 }, (_, i) => ({
        name: `s${i}`,
        flag: 'S',
        gnu: true,
        patch: (block: Buffer) => void block.write('00400000000\0', 483, 'latin1'),
      })),
    );
    await assert.rejects(walk(bomb, [everything], { uncompressedBytes: 10_000_000 }), {
      code: 'layer-limit',
    });
  });
  it('ends in time', async () => {
    await assert.rejects(walk(tarOf(f('a')), [everything], { time: -1 }), {
      code: 'layer-limit',
      message: /not done/,
    });
    const endless = detector({
      *read() {
        for (;;) yield says('x', 'y');
      },
    });
    await assert.rejects(walk(tarOf(f('a')), [endless], { time: 50, detections: Number.MAX_SAFE_INTEGER }), {
      code: 'layer-limit',
      message: /not done/,
    });
  });
  it('refuses what is no archive', async () => {
    await assert.rejects(walk(Buffer.alloc(2048, 'x'), [everything]), {
      code: 'bad-layer',
      message: /got magic "xxxxxxxx"/,
    });
  });
});
