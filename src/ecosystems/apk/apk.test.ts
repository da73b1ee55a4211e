import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { type Distribution, NO_DISTRIBUTION, type Package } from '../../model/package.ts';
import { derivativeRelease } from './derivative-release.ts';
import { apk } from './index.ts';
import { installed } from './installed.ts';
import { lookups } from './lookups.ts';
import { release } from './release.ts';

/** A layer of these files; a value `-> path` is a link. */
function layerOf(entries: Record<string, string | Buffer>): LayerView {
  const targetOf = (path: string): string => {
    const content = entries[path];
    return typeof content === 'string' && content.startsWith('-> ') ? content.slice(3) : path;
  };
  const file = (path: string): LayerFile | undefined => {
    const real = targetOf(path);
    const content = entries[real];
    if (content === undefined) return undefined;
    return layerFile(real, content);
  };
  return { files: [], file, names: () => [], has: (path) => file(path) !== undefined };
}

function read(detector: Detector, entries: Record<string, string | Buffer>): Detection[] {
  return [...detector.read!(layerOf(entries))];
}

const DB = 'lib/apk/db/installed';

/** `name version origin`, problems as `! reason`, databases as `# name path`. */
function lines(found: Detection[]): string[] {
  return found.map((item) => {
    if (item.found === 'package') {
      const { name, version, source, database } = item.package;
      return `${name} ${version} ${source ? `${source.name}=${source.version}` : '-'}${database === DB ? '' : ` in ${database}`}`;
    }
    if (item.found === 'problem') return `! ${item.where}: ${item.reason}`;
    return item.found === 'database' ? `# ${item.database} ${item.path}` : item.found;
  });
}

const MUSL =
  'C:Q1aaaa=\nP:musl\nV:1.2.4-r1\nA:x86_64\nT:the C library\no:musl\nF:lib\nR:libc.so\nZ:Q1bbbb=\n';
const UTILS = 'P:musl-utils\nV:1.2.4-r2\no:musl\nA:x86_64\n';

describe('installed', () => {
  const here = `# ${DB} ${DB}`;
  const cases: [what: string, text: string, want: string[]][] = [
    [
      'packages and their origin',
      `${MUSL}\n${UTILS}\n`,
      [here, 'musl 1.2.4-r1 musl=1.2.4-r1', 'musl-utils 1.2.4-r2 musl=1.2.4-r2'],
    ],
    [
      'the last record without a blank line',
      `${MUSL}\n${UTILS}`,
      [here, 'musl 1.2.4-r1 musl=1.2.4-r1', 'musl-utils 1.2.4-r2 musl=1.2.4-r2'],
    ],
    [
      'the last line without an end',
      'P:a\nV:1',
      [here, 'a 1 -', '! lib/apk/db/installed: it ends in the middle of a line: what follows is missing'],
    ],
    ['an empty database', '', [here]],
    ['a database of blank lines', '\n \n\n', [here]],
    ['many blank lines', '\n\n\nP:a\nV:1\n\n\n\nP:b\nV:2\n\n\n', [here, 'a 1 -', 'b 2 -']],
    ['CRLF', 'P:a\r\nV:1\r\n\r\nP:b\r\nV:2\r\n', [here, 'a 1 -', 'b 2 -']],
    ['a missing blank line', 'P:a\nV:1\nP:b\nV:2\n', [here, 'a 1 -', 'b 2 -']],
    ['short and strange lines', 'x\n:\nP\nPx\nP:a\nV:1\nVersion: 2\n', [here, 'a 1 -']],
    [
      'a record without version',
      `P:a\n\n${UTILS}`,
      [here, `! ${DB}: record 1 (a) has no version`, 'musl-utils 1.2.4-r2 musl=1.2.4-r2'],
    ],
    [
      'a record without name',
      `V:1\n\n${UTILS}`,
      [here, `! ${DB}: record 1 () has no name`, 'musl-utils 1.2.4-r2 musl=1.2.4-r2'],
    ],
    [
      'a huge value',
      `P:${'a'.repeat(2000)}\nV:1\n\n${UTILS}`,
      [
        here,
        `! ${DB}: record 1 (${'a'.repeat(100)}) has a value of over 1024 characters`,
        'musl-utils 1.2.4-r2 musl=1.2.4-r2',
      ],
    ],
    [
      'what is no database',
      '<html>\nnot this\n',
      [`! ${DB}: no apk database: it has no record of a package`],
    ],
  ];
  for (const [what, text, want] of cases)
    it(what, () => assert.deepEqual(lines(read(installed, { [DB]: text })), want));

  it('gives a package all that Clair shows of it', () => {
    const [, found] = read(installed, { [DB]: MUSL });
    assert.deepEqual(found, {
      found: 'package',
      package: {
        name: 'musl',
        version: '1.2.4-r1',
        kind: 'binary',
        source: { name: 'musl', version: '1.2.4-r1' },
        arch: 'x86_64',
        database: DB,
        path: DB,
      },
    });
  });

  const merged = `usr/${DB}`;
  const places: [what: string, entries: Record<string, string>, want: string[]][] = [
    ['nothing', {}, []],
    ['only usr/lib', { [merged]: UTILS }, [`# ${DB} ${merged}`, 'musl-utils 1.2.4-r2 musl=1.2.4-r2']],
    ['a link to usr/lib', { [DB]: `-> ${merged}`, [merged]: 'P:a\nV:1\n' }, [`# ${DB} ${merged}`, 'a 1 -']],
    ['a link from usr/lib', { [DB]: 'P:a\nV:1\n', [merged]: `-> ${DB}` }, [`# ${DB} ${DB}`, 'a 1 -']],
    ['the same twice', { [DB]: 'P:a\nV:1\n', [merged]: 'P:a\nV:1\n' }, [`# ${DB} ${merged}`, 'a 1 -']],
    [
      'two databases',
      { [DB]: 'P:a\nV:1\n', [merged]: 'P:b\nV:1\n' },
      [`# ${DB} ${DB}`, 'a 1 -', `# ${merged} ${merged}`, `b 1 - in ${merged}`],
    ],
  ];
  for (const [what, entries, want] of places)
    it(what, () => assert.deepEqual(lines(read(installed, entries)), want));

  it('takes any bytes', () => {
    const mutated = fc
      .tuple(fc.nat(MUSL.length), fc.nat(MUSL.length), fc.uint8Array({ maxLength: 20 }))
      .map(([from, to, bytes]) => {
        const text = Buffer.from(`${MUSL}\n${UTILS}`);
        return Buffer.concat([text.subarray(0, from), bytes, text.subarray(to)]);
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array().map(Buffer.from), mutated), (bytes) => {
        for (const item of read(installed, { [DB]: bytes })) {
          if (item.found === 'package') assert.ok(item.package.name !== '' && item.package.version !== '');
        }
      }),
    );
  });
});

describe('release', () => {
  const alpine = (version: string, prettyName: string): Distribution => {
    return { ...NO_DISTRIBUTION, did: 'alpine', name: 'Alpine Linux', version, prettyName };
  };
  const osRelease = (id: string, version: string, pretty: string) =>
    `NAME="Alpine Linux"\nID=${id}\nVERSION_ID=${version}\nPRETTY_NAME="${pretty}"\n`;
  const etc = 'etc/os-release';
  const cases: [what: string, entries: Record<string, string>, want: Distribution | undefined][] = [
    [
      'a release',
      { [etc]: osRelease('alpine', '3.18.4', 'Alpine Linux v3.18') },
      alpine('3.18', 'Alpine Linux v3.18'),
    ],
    [
      'two digits',
      { [etc]: osRelease('alpine', '3.20', 'Alpine Linux v3.20') },
      alpine('3.20', 'Alpine Linux v3.20'),
    ],
    [
      'a candidate',
      { [etc]: osRelease('alpine', '3.20.0_rc1', 'Alpine Linux v3.20') },
      alpine('3.20', 'Alpine Linux v3.20'),
    ],
    [
      'edge',
      { [etc]: osRelease('alpine', '3.19_alpha20230901', 'Alpine Linux edge') },
      alpine('edge', 'Alpine Linux edge'),
    ],
    [
      'edge by version',
      { [etc]: 'ID=alpine\nVERSION_ID=3.19_alpha20230901\n' },
      alpine('edge', 'Alpine Linux edge'),
    ],
    [
      'usr/lib',
      { 'usr/lib/os-release': osRelease('alpine', '3.18.4', 'Alpine Linux v3.18') },
      alpine('3.18', 'Alpine Linux v3.18'),
    ],
    [
      'etc over usr/lib',
      { [etc]: 'ID=alpine\nVERSION_ID=3.1.1\n', 'usr/lib/os-release': 'ID=alpine\nVERSION_ID=3.2.1\n' },
      alpine('3.1', 'Alpine Linux v3.1'),
    ],
    [
      'broken lines',
      { [etc]: 'garbage\nID=alpine\n"\nVERSION_ID=3.18.4\n' },
      alpine('3.18', 'Alpine Linux v3.18'),
    ],
    [
      'another system',
      { [etc]: 'ID=debian\nVERSION_ID=12\n', 'etc/issue': 'Welcome to Alpine Linux 3.18\n' },
      undefined,
    ],
    [
      'etc/issue',
      { 'etc/issue': 'Welcome to Alpine Linux 3.18\nKernel \\r\n' },
      alpine('3.18', 'Alpine Linux v3.18'),
    ],
    [
      'etc/issue of edge',
      { 'etc/issue': 'Welcome to Alpine Linux 3.19_alpha20230901 (edge)\n' },
      alpine('edge', 'Alpine Linux edge'),
    ],
    [
      'etc/issue where os-release says nothing',
      { [etc]: '', 'etc/issue': 'Alpine Linux 3.1\n' },
      alpine('3.1', 'Alpine Linux v3.1'),
    ],
    [
      'etc/issue where os-release names no release',
      { [etc]: 'ID=alpine\n', 'etc/issue': 'Welcome to Alpine Linux 3.12\n' },
      alpine('3.12', 'Alpine Linux v3.12'),
    ],
    ['etc/alpine-release', { 'etc/alpine-release': '3.19.1\n' }, alpine('3.19', 'Alpine Linux v3.19')],
    [
      'etc/alpine-release of edge',
      { 'etc/alpine-release': '3.21_alpha20240807\n' },
      alpine('edge', 'Alpine Linux edge'),
    ],
    ['etc/issue of another', { 'etc/issue': 'Debian GNU/Linux 12\n' }, undefined],
    ['nothing', {}, undefined],
  ];
  for (const [what, entries, want] of cases) {
    it(what, () => {
      const wanted: Detection[] = want ? [{ found: 'distribution', distribution: want }] : [];
      assert.deepEqual(read(release, entries), wanted);
    });
  }

  it('says so if the release cannot be told', () => {
    const [found] = read(release, { [etc]: 'ID=alpine\nVERSION_ID=x\n' });
    assert.equal(found?.found, 'problem');
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.uint8Array(),
        (a, b) => void read(release, { [etc]: Buffer.from(a), 'etc/issue': Buffer.from(b) }),
      ),
    );
  });
});

describe('derivativeRelease', () => {
  const wolfi = 'ID=wolfi\nNAME="Wolfi"\nPRETTY_NAME="Wolfi"\nVERSION_ID="20230201"\n';
  const of = (did: string, name: string, versionId: string): Distribution => {
    return { ...NO_DISTRIBUTION, did, name, versionId, prettyName: name };
  };
  const cases: [what: string, entries: Record<string, string>, want: Distribution | undefined][] = [
    ['Wolfi', { 'etc/os-release': wolfi }, of('wolfi', 'Wolfi', '20230201')],
    ['Wolfi in usr/lib', { 'usr/lib/os-release': wolfi }, of('wolfi', 'Wolfi', '20230201')],
    ['Chainguard', { 'etc/os-release': 'ID=chainguard\n' }, of('chainguard', 'Chainguard', '')],
    ['MinimOS', { 'etc/os-release': 'ID=minimos\nNAME=MinimOS\n' }, of('minimos', 'MinimOS', '')],
    ['CleanStart', { 'etc/os-release': 'ID=clnstrt\n' }, of('cleanstart', 'CleanStart', '')],
    [
      'Alpaquita',
      { 'etc/os-release': 'ID=alpaquita\nVERSION_ID=23\n' },
      of('alpaquita', 'Alpaquita Linux', '23'),
    ],
    [
      'Alpine Linux',
      { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.18.4\n', 'usr/lib/os-release': wolfi },
      undefined,
    ],
    ['nothing', {}, undefined],
  ];
  for (const [what, entries, want] of cases) {
    it(what, () => {
      const wanted: Detection[] = want ? [{ found: 'distribution', distribution: want }] : [];
      assert.deepEqual(read(derivativeRelease, entries), wanted);
      if (what !== 'Alpine Linux') assert.deepEqual(read(release, entries), []);
    });
  }
});

describe('lookups', () => {
  const musl: Package = {
    name: 'musl-utils',
    version: '1.2.4-r2',
    kind: 'binary',
    source: { name: 'musl', version: '1.2.4-r1' },
  };
  const alpine = { ...NO_DISTRIBUTION, did: 'alpine', version: '3.18' };
  const cases: [what: string, record: Parameters<typeof lookups>[0], want: string[]][] = [
    [
      'the origin, at the version of the package',
      { package: musl, distribution: alpine },
      ['alpine:3.18 source musl 1.2.4-r2'],
    ],
    [
      'edge',
      { package: musl, distribution: { ...alpine, version: 'edge' } },
      ['alpine:edge source musl 1.2.4-r2'],
    ],
    [
      'no origin',
      { package: { name: 'a', version: '1', kind: 'binary' }, distribution: alpine },
      ['alpine:3.18 source a 1'],
    ],
    [
      'a report that has version_id',
      { package: musl, distribution: { ...alpine, version: '', versionId: '3.19' } },
      ['alpine:3.19 source musl 1.2.4-r2'],
    ],
    [
      'by the name of the distribution',
      { package: musl, distribution: { ...alpine, did: '', name: 'Alpine Linux' } },
      ['alpine:3.18 source musl 1.2.4-r2'],
    ],
    [
      'Wolfi: the origin and the package',
      { package: musl, distribution: { ...NO_DISTRIBUTION, did: 'wolfi' } },
      ['wolfi source musl 1.2.4-r2', 'wolfi source musl-utils 1.2.4-r2'],
    ],
    [
      'Chainguard: its own origin once',
      { package: { ...musl, name: 'musl' }, distribution: { ...NO_DISTRIBUTION, did: 'chainguard' } },
      ['chainguard source musl 1.2.4-r2'],
    ],
    ['no distribution', { package: musl }, []],
    ['another distribution', { package: musl, distribution: { ...alpine, did: 'debian' } }, []],
    ['no known release', { package: musl, distribution: { ...alpine, version: 'x' } }, []],
  ];
  for (const [what, record, want] of cases) {
    it(what, () => {
      const found = lookups(record).map((each) => `${each.scope} ${each.kind} ${each.name} ${each.version}`);
      assert.deepEqual(found, want);
    });
  }
});

it('has unique detectors, named as in Clair', () => {
  assert.deepEqual(
    apk.detectors.map(({ id, revision, kind }) => `${id}:${revision}:${kind}`),
    ['apk:v0.0.3:package', 'alpine:6:distribution', 'wolfi:2:distribution'],
  );
});
