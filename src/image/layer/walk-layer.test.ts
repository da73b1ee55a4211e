import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Detection, Detector, Entry, LayerView } from '../../contract/detector.ts';
import { parseDigest } from '../../model/digest.ts';
import { type TarFile, tarOf } from '../tar/writer.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS, type LayerLimits } from './layer-limits.ts';
import type { LayerScan } from './layer-scan.ts';
import { walkLayer } from './walk-layer.ts';

const directory = mkdtempSync(join(tmpdir(), 'clair-walk-'));
const spillDirectory = mkdtempSync(join(tmpdir(), 'clair-spill-'));
after(() => {
  rmSync(directory, { recursive: true });
  rmSync(spillDirectory, { recursive: true });
});

interface Walked extends LayerScan {
  /** Bytes read of the layer, over all passes, in layers. */
  readonly passes: number;
}

async function walk(
  archive: Buffer,
  detectors: readonly Detector[],
  limits: Partial<LayerLimits> = {},
): Promise<Walked> {
  const bytes = gzipSync(archive);
  const path = join(directory, 'layer');
  writeFileSync(path, bytes);
  let passes = 0;
  const detections = await walkLayer(
    {
      hash: parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`),
      uri: `file://${path}`,
      headers: {},
    },
    detectors,
    {
      budget: createLayerBudget({ ...DEFAULT_LIMITS, ...limits }, () => false),
      signal: AbortSignal.timeout(10_000),
      allowLocal: true,
      spillDirectory,
      onBytes: (count) => {
        if (count === bytes.length) passes++;
      },
    },
  ).finally(() => assert.deepEqual(readdirSync(spillDirectory), []));
  return { ...detections, passes };
}

function detector(parts: Partial<Detector>): Detector {
  return { id: 'd', revision: '1', kind: 'package', ...parts };
}

const says = (path: string, database: string): Detection => ({ found: 'database', path, database });

/** Keeps what `wants` says, and tells of each file. */
function keeper(wants: (entry: Entry) => boolean, parts: Partial<Detector> = {}): Detector {
  return detector({
    wants,
    *read(layer) {
      for (const file of layer.files) yield says(file.path, file.read().toString());
    },
    ...parts,
  });
}

const everything = keeper(({ type }) => type !== 'directory');

/** What the detectors say, then what is wrong with the layer itself. */
function told({ found, problems }: LayerScan): string[] {
  const tellProblem = ({ where, reason }: LayerScan['problems'][number]): string => `! ${where}: ${reason}`;
  return [
    ...found.map((found) =>
      found.found === 'database'
        ? `${found.path}=${found.database}`
        : found.found === 'problem'
          ? tellProblem(found)
          : found.found,
    ),
    ...problems.map(tellProblem),
  ];
}

const f = (name: string, content = name): TarFile => ({ name, content });
const sym = (name: string, link: string): TarFile => ({ name, flag: '2', link });
const hard = (name: string, link: string): TarFile => ({ name, flag: '1', link });

describe('walk a layer: what is where', () => {
  for (const [name, archive, want] of [
    [
      'cleans names',
      tarOf(f('./a', '1'), f('/b', '2'), f('../../c', '3'), f('x/../d//e', '4')),
      ['a=1', 'b=2', 'c=3', 'd/e=4'],
    ],
    [
      'lists under the real directory',
      tarOf({ name: 'usr/lib/' }, sym('lib', 'usr/lib'), f('lib/x', '1')),
      ['usr/lib/x=1'],
    ],
    [
      'makes the directory of a dangling link',
      tarOf(sym('lib', '/usr/lib'), f('lib/x', '1')),
      ['usr/lib/x=1'],
    ],
    ['takes the last of duplicates', tarOf(f('a', '1'), f('a', '2')), ['a=2']],
    [
      'resolves wanted links',
      tarOf(f('d/t', '1'), sym('d/l', 't'), sym('l2', '/d/l'), sym('l3', 'd/../d/l')),
      ['d/l=1', 'd/t=1', 'l2=1', 'l3=1'],
    ],
    ['cannot be led out', tarOf(sym('l', '../../../d/t'), f('d/t', '1')), ['d/t=1', 'l=1']],
    ['leaves dangling links alone', tarOf(sym('l', 'none'), hard('h', 'none'), f('a', '1')), ['a=1']],
    ['resolves hard links', tarOf(f('t', '1'), hard('h', 't'), hard('h2', './h')), ['h=1', 'h2=1', 't=1']],
    ['resolves hard links before their target', tarOf(hard('h', 't'), f('t', '1')), ['h=1', 't=1']],
    [
      'keeps what a hard link was made of',
      tarOf(f('t', 'old'), hard('h', 't'), f('t', 'new')),
      ['h=old', 't=new'],
    ],
    [
      'resolves hard links to links',
      tarOf(f('d/t', '1'), sym('d/s', 't'), hard('d/h', 'd/s')),
      ['d/h=1', 'd/s=1', 'd/t=1'],
    ],
    // clair-indexing.md#files-directories-and-links: as unpackers do
    ['replaces a directory by a file', tarOf(f('a/b', '1'), f('a', '2')), ['a=2']],
    ['replaces a directory by a link', tarOf(f('a/b', '1'), f('c/b', '2'), sym('a', 'c')), ['c/b=2']],
    [
      'replaces a link by a directory',
      tarOf(f('c/b', '1'), sym('a', 'c'), { name: 'a/' }, f('a/b', '2')),
      ['a/b=2', 'c/b=1'],
    ],
    ['replaces a link by a file', tarOf(f('t', '1'), sym('a', 't'), f('a', '2')), ['a=2', 't=1']],
    ['replaces a file by a link', tarOf(f('a', '1'), f('t', '2'), sym('a', 't')), ['a=2', 't=2']],
    ['keeps a directory that is named again', tarOf(f('a/b', '1'), { name: 'a/' }), ['a/b=1']],
    [
      'sorts by bytes',
      tarOf(f('b'), f('a/b'), f('\u{1f600}'), f('\uff5e'), f('a-b')),
      ['a-b=a-b', 'a/b=a/b', 'b=b', '\uff5e=\uff5e', '\u{1f600}=\u{1f600}'],
    ],
    [
      'tells of a file under a file, and shows it',
      tarOf(f('a', '1'), f('a/b', '2')),
      ['a/b=2', '! a: file replaced by a directory of the same layer'],
    ],
    [
      'tells of wanted links in circles',
      tarOf(sym('a', 'b'), sym('b', 'a'), f('c', '1')),
      ['c=1', '! a: symbolic links form a loop', '! b: symbolic links form a loop'],
    ],
    [
      'tells of files under links in circles',
      tarOf(sym('a', 'a'), f('a/b'), f('c', '1')),
      ['c=1', '! a: symbolic links form a loop', '! a/b: symbolic links of its directory form a loop'],
    ],
  ] as const) {
    it(name, async () => assert.deepEqual(told(await walk(archive, [everything])), want));
  }

  it('ignores links in circles that nobody wants', async () => {
    assert.deepEqual(
      told(
        await walk(tarOf(sym('a', 'b'), sym('b', 'a'), f('c', '1')), [keeper(({ path }) => path === 'c')]),
      ),
      ['c=1'],
    );
  });

  it('collects whiteouts', async () => {
    const archive = tarOf(
      f('a/.wh.b'),
      f('.wh.c'),
      f('d/.wh..wh..opq'),
      f('.wh..wh..opq'),
      f('e/.wh.'),
      f('e/.wh...'),
      f('.wh..wh.plnk/1.2'),
      sym('l', 'real'),
      f('l/.wh.x'),
      f('a/.wh.b'),
      f('a/b'), // removed below, and made again
    );
    const walked = await walk(archive, [keeper(() => true)]);
    assert.deepEqual(walked.whiteouts, ['/', 'a/b', 'c', 'd/', 'real/x']);
    // What AUFS keeps is no file of the image, but hard links may lead to it.
    assert.deepEqual(
      told(walked).map((text) => text.split('=')[0]),
      ['.wh..wh.plnk/1.2', 'a/b'],
    );
  });

  it('answers has() and file() through links', async () => {
    const archive = tarOf(
      { name: 'd/' },
      f('d/t', '1'),
      sym('l', 'd'),
      sym('dangling', 'x'),
      hard('h', 'd/t'),
      { name: 'dev', flag: '3' },
      f('unwanted'),
    );
    let view: LayerView | undefined;
    const looks = detector({
      wants: ({ path }) => path === 'd/t',
      *read(layer) {
        view = layer;
        assert.equal(layer.file('l/t')?.read().toString(), '1');
        assert.equal(layer.file('h')?.path, 'd/t');
        assert.equal(layer.file('unwanted'), undefined);
        assert.equal(layer.file('none'), undefined);
        yield says('seen', '');
      },
    });
    assert.deepEqual(
      told(await walk(archive, [looks, everything])).filter((text) => text.startsWith('!')),
      [],
    );
    for (const [path, type, want] of [
      ['d', undefined, true],
      ['d', 'directory', true],
      ['d', 'file', false],
      ['l', 'directory', true],
      ['l', 'symlink', true],
      ['l/t', 'file', true],
      ['dangling', undefined, false],
      ['dangling', 'symlink', true],
      ['h', 'file', true],
      ['h', 'hardlink', true],
      ['dev', 'other', true],
      ['none', undefined, false],
      ['d/t/x', undefined, false],
      ['', 'directory', true],
    ] as const) {
      assert.equal(view!.has(path, type), want, `${path} ${type}`);
    }
  });
});

describe('walk a layer: passes', () => {
  const release = detector({
    kind: 'distribution',
    paths: ['etc/os-release'],
    *read(layer) {
      const file = layer.file('etc/os-release');
      if (file) yield says(file.path, file.read().toString());
    },
  });
  it('finds fixed paths in one pass', async () => {
    const { passes, ...detections } = await walk(tarOf(f('etc/os-release', 'ID=x')), [release]);
    assert.deepEqual(detections.found, [{ ...says('etc/os-release', 'ID=x'), detector: 'd:1:distribution' }]);
    assert.equal(passes, 1);
  });
  it('looks ahead for the target of a wanted link', async () => {
    const walked = await walk(
      tarOf(sym('etc/os-release', '../usr/lib/os-release'), f('usr/lib/os-release', 'ID=x')),
      [release],
    );
    assert.deepEqual([told(walked), walked.passes], [['etc/os-release=ID=x'], 1]);
  });
  it('goes back for a target that had passed by', async () => {
    const walked = await walk(
      tarOf(f('usr/lib/os-release', 'ID=x'), f('b'), sym('etc/os-release', '/usr/lib/os-release')),
      [release],
    );
    assert.deepEqual([told(walked), walked.passes], [['etc/os-release=ID=x'], 2]);
  });
  it('goes back for a link in the way', async () => {
    const walked = await walk(tarOf(f('config/os-release', 'ID=x'), sym('etc', 'config')), [release]);
    assert.deepEqual([told(walked), walked.passes], [['etc/os-release=ID=x'], 2]);
  });
});

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
