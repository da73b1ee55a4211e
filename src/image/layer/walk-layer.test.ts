import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayerView } from '../../contract/detector.ts';
import { tarOf } from '../tar/writer.fixture.ts';
import { detector, everything, f, hard, keeper, says, sym, told, walk } from './walk-layer.fixture.ts';

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
    ['leaves dangling links alone', tarOf(sym('l', 'none'), f('a', '1')), ['a=1']],
    [
      'tells of hard links to files of other layers, unless they are replaced',
      tarOf(hard('h', 'none'), hard('a', 'none'), f('a', '1')),
      ['a=1', '! h: a hard link to a file that is not in its layer'],
    ],
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
