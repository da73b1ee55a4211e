/** For tests: archives in every dialect of tar with their entries, and archives that are refused. */
import { entryOf, longOf, octal, oldRegions, padded, paxOf, type TarFile, tarOf } from './writer.fixture.ts';

const sparse10 = padded(Buffer.from('2\n2\n3\n8\n1\n'));
const long = `${'d/'.repeat(90)}file`;

/** What is behind the name of the link is of later tars. */
function unmarked(block: Buffer): void {
  block.fill(0, 257);
}

export const CASES: readonly (readonly [string, Buffer, readonly string[]])[] = [
  ['a plain file', tarOf({ name: 'a', content: 'hello' }), ['file a 5:hello']],
  ['nothing at all', Buffer.alloc(0), []],
  ['only a trailer', tarOf(), []],
  ['no trailer', entryOf({ name: 'a', content: 'x' }), ['file a 1:x']],
  ['half a trailer', Buffer.concat([entryOf({ name: 'a' }), Buffer.alloc(512)]), ['file a 0:']],
  ['a trailer cut short', Buffer.concat([entryOf({ name: 'a' }), Buffer.alloc(700)]), ['file a 0:']],
  ['a cut in the last padding', entryOf({ name: 'a', content: 'xyz' }).subarray(0, 600), ['file a 3:xyz']],
  ['data behind the trailer', Buffer.concat([tarOf({ name: 'a' }), tarOf({ name: 'b' })]), ['file a 0:']],
  ['a ustar prefix', tarOf({ name: 'c', prefix: 'a/b' }), ['file a/b/c 0:']],
  ['GNU bytes where the prefix is not', tarOf({ name: 'c', gnu: true, prefix: 'times' }), ['file c 0:']],
  ['a directory by its flag', tarOf({ name: 'a/' }), ['directory a/']],
  ['a directory by its slash', tarOf({ name: 'a/', flag: '\0' }), ['directory a/']],
  ['a file of tars before POSIX', tarOf({ name: 'a', flag: '\0', content: 'x' }), ['file a 1:x']],
  [
    'an archive of a tar before POSIX',
    tarOf(
      { name: 'd/', flag: '\0', patch: unmarked },
      { name: 'd/a', flag: '\0', content: 'x', patch: unmarked },
      { name: 'l', flag: '1', link: 'd/a', patch: unmarked },
    ),
    ['directory d/', 'file d/a 1:x', 'hardlink l -> d/a'],
  ],
  ['a contiguous file', tarOf({ name: 'a', flag: '7', content: 'x' }), ['file a 1:x']],
  [
    'links',
    tarOf({ name: 'l', flag: '2', link: '../t' }, { name: 'h', flag: '1', link: 'a/t' }),
    ['symlink l -> ../t', 'hardlink h -> a/t'],
  ],
  [
    'a hard link that says the size of its target',
    tarOf({ name: 'h', flag: '1', link: 't', size: 999 }, { name: 'b' }),
    ['hardlink h -> t', 'file b 0:'],
  ],
  [
    'devices',
    tarOf({ name: 'c', flag: '3' }, { name: 'b', flag: '4' }, { name: 'p', flag: '6' }),
    ['other c', 'other b', 'other p'],
  ],
  [
    'an unknown kind is skipped with its content',
    tarOf({ name: 'v', flag: 'V', content: 'label' }, { name: 'b' }),
    ['file b 0:'],
  ],
  [
    'GNU long name and link',
    tarOf(longOf('K', `../${long}`), longOf('L', long), { name: 'cut', flag: '2', link: 'cut', gnu: true }),
    [`symlink ${long} -> ../${long}`],
  ],
  [
    'PAX path, linkpath',
    tarOf(paxOf({ path: 'ü/x', linkpath: 'ý', mtime: '1.5' }), { name: 'cut', flag: '2' }),
    ['symlink ü/x -> ý'],
  ],
  [
    'PAX records are for one entry',
    tarOf(paxOf({ path: 'x' }), { name: 'a' }, { name: 'b' }),
    ['file x 0:', 'file b 0:'],
  ],
  ['an empty PAX path takes nothing away', tarOf(paxOf({ path: '' }), { name: 'a' }), ['file a 0:']],
  // clair-indexing.md#tar-archives: Clair takes the size from the ustar field
  [
    'PAX size',
    tarOf(paxOf({ size: '3' }), { name: 'a', content: 'xyz', size: 0 }, { name: 'b' }),
    ['file a 3:xyz', 'file b 0:'],
  ],
  [
    'a global header is not applied',
    tarOf(paxOf({ path: 'no', comment: 'c' }, 'g'), { name: 'a' }),
    ['file a 0:'],
  ],
  [
    'base-256 size',
    tarOf({
      name: 'a',
      content: 'xy',
      patch: (block) => Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]).copy(block, 124),
    }),
    ['file a 2:xy'],
  ],
  [
    'a name that is no UTF-8',
    tarOf({ name: Buffer.from('a\xffé\x80', 'latin1') }),
    ['file a\\xff\\xe9\\x80 0:'],
  ],
  [
    'invalid bytes beside UTF-8',
    tarOf({ name: Buffer.from([0xc3, 0xa9, 0xff, 0x2f, 0xe2, 0x82]) }),
    ['file é\\xff/\\xe2\\x82 0:'],
  ],
  [
    'PAX sparse 0.0',
    tarOf(
      paxOf([
        ['GNU.sparse.size', '10'],
        ['GNU.sparse.numblocks', '2'],
        ['GNU.sparse.offset', '2'],
        ['GNU.sparse.numbytes', '3'],
        ['GNU.sparse.offset', '8'],
        ['GNU.sparse.numbytes', '1'],
      ]),
      { name: 's', content: 'abcd' },
    ),
    ['file s 10:..abc...d.'],
  ],
  [
    'PAX sparse 0.1',
    tarOf(paxOf({ 'GNU.sparse.size': '10', 'GNU.sparse.map': '2,3,8,1', 'GNU.sparse.name': 'real' }), {
      name: 'G/s',
      content: 'abcd',
    }),
    ['file real 10:..abc...d.'],
  ],
  [
    'PAX sparse 1.0',
    tarOf(
      paxOf({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.realsize': '10',
        'GNU.sparse.name': 'real',
      }),
      { name: 'G/s', content: Buffer.concat([sparse10, Buffer.from('abcd')]) },
      { name: 'b' },
    ),
    ['file real 10:..abc...d.', 'file b 0:'],
  ],
  // clair-indexing.md#tar-archives: Clair loses the entry behind it
  [
    'old GNU sparse',
    tarOf(
      {
        name: 's',
        flag: 'S',
        gnu: true,
        content: 'abcd',
        patch: oldSparse(
          [
            [2, 3],
            [8, 1],
          ],
          10,
        ),
      },
      { name: 'b' },
    ),
    ['file s 10:..abc...d.', 'file b 0:'],
  ],
  [
    'old GNU sparse, all hole',
    tarOf({ name: 's', flag: 'S', gnu: true, patch: oldSparse([[4, 0]], 4) }),
    ['file s 4:....'],
  ],
  ['old GNU sparse, map goes on', oldExtended(), ['file s 13:a.b.c.d.e.f.g', 'file b 0:']],
];

export function oldSparse(
  regions: readonly (readonly [number, number])[],
  size: number,
  extended = false,
): (block: Buffer) => void {
  return (block) => {
    oldRegions(block, 386, regions);
    block[482] = extended ? 1 : 0;
    block.write(octal(size, 12), 483, 'latin1');
  };
}

function oldExtended(): Buffer {
  const header: TarFile = {
    name: 's',
    flag: 'S',
    gnu: true,
    size: 7,
    patch: oldSparse(
      [
        [0, 1],
        [2, 1],
        [4, 1],
        [6, 1],
      ],
      13,
      true,
    ),
  };
  const more = Buffer.alloc(512);
  oldRegions(more, 0, [
    [8, 1],
    [10, 1],
    [12, 1],
  ]);
  return tarOf(entryOf(header), more, padded(Buffer.from('abcdefg')), { name: 'b' });
}

const good = entryOf({ name: 'a', content: 'hello' });

export const BROKEN: readonly (readonly [string, Buffer, RegExp])[] = [
  ['bad magic', Buffer.alloc(512, 'x'), /bad block at 0: got magic "xxxxxxxx"/],
  [
    'bad magic further on',
    Buffer.concat([good, Buffer.alloc(512, 1)]),
    /bad block at 1024: got magic "\\x01/,
  ],
  [
    'bad checksum',
    Buffer.concat([good.subarray(0, 1), Buffer.from('b'), good.subarray(2)]),
    /bad block at 0: wrong checksum/,
  ],
  ['a partial header', Buffer.concat([good, good.subarray(0, 100)]), /unexpected EOF at 1124/],
  ['content that is cut', good.subarray(0, 514), /unexpected EOF at 514/],
  [
    'content that is cut at a block',
    entryOf({ name: 'a', content: Buffer.alloc(1024) }).subarray(0, 1024),
    /unexpected EOF/,
  ],
  ['a record without its entry', paxOf({ path: 'x' }), /unexpected EOF/],
  [
    'one zero block, then a piece of data',
    Buffer.concat([good, Buffer.alloc(512), Buffer.from('x')]),
    /unexpected EOF/,
  ],
  ['one zero block, then data', Buffer.concat([good, Buffer.alloc(512), good]), /data after a zero block/],
  ['a negative size', tarOf({ name: 'a', patch: (block) => block.fill(0xff, 124, 136) }), /unreadable size/],
  ['a size of letters', tarOf({ name: 'a', patch: (block) => block.write('zz', 124) }), /unreadable size/],
  [
    'a size beyond all reason',
    tarOf({ name: 'a', patch: (block) => Buffer.from([0x80, 0, 0, 0x7f]).copy(block, 124) }),
    /unreadable size/,
  ],
  ['PAX that is none', tarOf(entryOf({ name: 'x', flag: 'x', content: 'nonsense' })), /unreadable PAX/],
  [
    'PAX with a wrong length',
    tarOf(entryOf({ name: 'x', flag: 'x', content: '99 path=a\n' })),
    /unreadable PAX/,
  ],
  ['a PAX size that is none', tarOf(paxOf({ size: '-1' }), { name: 'a' }), /unreadable PAX/],
  ['a huge header', tarOf({ name: 'x', flag: 'x', size: 2 ** 31 }), /tar header of 2147483648 bytes/],
  [
    'a sparse map out of order',
    tarOf(paxOf({ 'GNU.sparse.size': '10', 'GNU.sparse.map': '8,1,2,3' }), { name: 's', content: 'abcd' }),
    /unreadable sparse map/,
  ],
  [
    'a sparse map beyond the file',
    tarOf(paxOf({ 'GNU.sparse.size': '10', 'GNU.sparse.map': '8,3' }), { name: 's', content: 'abc' }),
    /unreadable sparse map/,
  ],
  [
    'a sparse map with more than is stored',
    tarOf(paxOf({ 'GNU.sparse.size': '10', 'GNU.sparse.map': '0,9' }), { name: 's', content: 'a' }),
    /unreadable sparse map/,
  ],
  [
    'a sparse map without end',
    tarOf(paxOf({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '9' }), {
      name: 's',
      content: Buffer.from(`300\n${'1\n'.repeat(254)}`),
    }),
    /unreadable sparse map/,
  ],
  [
    'old sparse, endless',
    Buffer.concat([entryOf({ name: 's', flag: 'S', gnu: true, patch: oldSparse([], 10, true) })]),
    /unexpected EOF/,
  ],
];
