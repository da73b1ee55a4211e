import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { layerFile, unreadableFile } from '../../contract/layer-file.fixture.ts';
import { findIn } from './deb.fixture.ts';
import { dpkg } from './dpkg.ts';

const STATUS = 'var/lib/dpkg/status';
const DATABASE: Detection = { found: 'database', database: STATUS, path: STATUS };

function stanza(fields: Record<string, string>): string {
  const all = {
    Package: 'a',
    Status: 'install ok installed',
    Architecture: 'amd64',
    Version: '1.0',
    ...fields,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

function read(status: string | Buffer): { packages: string[]; problems: string[] } {
  const found = findIn(dpkg, { [STATUS]: status });
  assert.deepEqual(found[0], DATABASE);
  const packages: string[] = [];
  const problems: string[] = [];
  for (const item of found) {
    if (item.found === 'problem') problems.push(item.reason);
    if (item.found !== 'package') continue;
    const { name, version, arch, source, kind, database, path } = item.package;
    assert.deepEqual([kind, database, path], ['binary', STATUS, STATUS]);
    packages.push(`${name} ${version} ${arch} < ${source?.name} ${source?.version}`);
  }
  return { packages, problems };
}

describe('the dpkg detector', () => {
  const cases: [what: string, status: string, packages: string[]][] = [
    ['an empty database', '', []],
    ['a package that is its own source', stanza({}), ['a 1.0 amd64 < a 1.0']],
    ['a source at the version of the binary', stanza({ Source: 'src' }), ['a 1.0 amd64 < src 1.0']],
    [
      'a source at its own version',
      stanza({ Version: '1.0+b1', Source: 'src (2:1.0)' }),
      ['a 1.0+b1 amd64 < src 2:1.0'],
    ],
    [
      'a source whose version is on the next line',
      stanza({ Source: 'src\n (1.1)' }),
      ['a 1.0 amd64 < src 1.1'],
    ],
    ['a source whose version cannot be read', stanza({ Source: 'src (1.1' }), ['a 1.0 amd64 < src 1.0']],
    ['a source that cannot be read as itself', stanza({ Source: '(1.1)' }), ['a 1.0 amd64 < a 1.0']],
    ['a package that is held', stanza({ Status: 'hold ok installed' }), ['a 1.0 amd64 < a 1.0']],
    ['no removed package', stanza({ Status: 'deinstall ok config-files' }), []],
    ['no package that never was', stanza({ Status: 'unknown ok not-installed' }), []],
    ...[
      'install reinstreq installed',
      'deinstall ok installed',
      'install ok unpacked',
      'install ok half-configured',
      'install ok triggers-awaited',
      'install ok triggers-pending',
    ].map((Status): [string, string, string[]] => [
      `a package whose files are there: ${Status}`,
      stanza({ Status }),
      ['a 1.0 amd64 < a 1.0'],
    ]),
    [
      'two architectures of a package',
      `${stanza({})}\n${stanza({ Architecture: 'i386', Version: '0.9' })}`,
      ['a 1.0 amd64 < a 1.0', 'a 0.9 i386 < a 0.9'],
    ],
    [
      'a package that comes twice as it comes last',
      `${stanza({})}\n${stanza({ Version: '2' })}`,
      ['a 2 amd64 < a 2'],
    ],
    [
      'the source version of each binary',
      `${stanza({ Source: 's (1)' })}\n${stanza({ Package: 'b', Source: 's (2)' })}`,
      ['a 1.0 amd64 < s 1', 'b 1.0 amd64 < s 2'],
    ],
    ['a version that is none, as it is', stanza({ Version: 'x y' }), ['a x y amd64 < a x y']],
    [
      'fields in any order and case',
      'VERSION: 1\npackage: a\narchitecture: all\nSTATUS: install ok installed\n',
      ['a 1 all < a 1'],
    ],
  ];
  for (const [what, status, packages] of cases) {
    it(`finds ${what}`, () => assert.deepEqual(read(status), { packages, problems: [] }));
  }

  it('tells of a database that was cut, with what is left of it', () => {
    const status = 'Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1.';
    assert.deepEqual(read(status), {
      packages: ['a 1. all < a 1.'],
      problems: ['it ends in the middle of a line: what follows is missing'],
    });
  });

  it('tells of a stanza without what it needs, and keeps the others', () => {
    const status = [
      stanza({ Package: 'bad', Version: '' }),
      stanza({ Package: '' }),
      stanza({ Status: '' }),
      stanza({}),
    ].join('\n');
    assert.deepEqual(read(status), {
      packages: ['a 1.0 amd64 < a 1.0'],
      problems: [
        'stanza at line 1 (bad): no Version',
        'stanza at line 5: no Package',
        'stanza at line 9 (a): no Status',
      ],
    });
  });

  it('tells of a status that dpkg never writes: the file may be cut off there', () => {
    for (const status of ['install ok inst', 'install ok', 'install ok installed?']) {
      const { packages, problems } = read(stanza({ Status: status }));
      assert.deepEqual([packages, problems], [[], [`stanza at line 1 (a): no status of dpkg: ${status}`]]);
    }
  });

  it('tells of a package that is half installed', () => {
    assert.deepEqual(read(stanza({ Status: 'install ok half-installed' })), {
      packages: [],
      problems: ['stanza at line 1 (a): half-installed: some of its files may be there'],
    });
  });

  it('tells of a line that is no field, and keeps the package', () => {
    assert.deepEqual(read(`garbage\n${stanza({})}`), {
      packages: ['a 1.0 amd64 < a 1.0'],
      problems: ['stanza at line 1 (a): line 1 is no field'],
    });
  });

  it('tells a bounded number of problems', () => {
    const { problems } = read('garbage\n\n'.repeat(1000));
    assert.equal(problems.length, 21);
    assert.equal(problems.at(-1), '980 more stanzas have problems');
  });

  it('tells of a database that cannot be read', () => {
    const [first, second] = [
      ...(dpkg.read?.({
        files: [unreadableFile(STATUS, 3e9, () => assert.fail('over the limit'))],
        file: () => undefined,
        has: () => true,
        names: () => [],
      }) ?? []),
    ];
    assert.deepEqual(first, DATABASE);
    assert.equal(second?.found, 'problem');
  });

  it('takes the usual place through links of folders', () => {
    const file = layerFile('usr/lib/sysimage/dpkg/status', stanza({}));
    const found = [
      ...dpkg.read!({
        files: [file],
        file: (path) => (path === STATUS ? file : undefined),
        names: () => [],
        has: () => false,
      }),
    ];
    assert.deepEqual(
      found.map((item) => item.found),
      ['database', 'package'],
    );
  });

  it('takes other places with an info directory, and the usual one without', () => {
    const found = findIn(dpkg, {
      status: stanza({}),
      'info/a.list': '',
      'srv/chroot/var/lib/dpkg/status': stanza({}),
      'srv/chroot/var/lib/dpkg/info/a.list': '',
      'proc/1/status': stanza({}),
      'x/status': stanza({}),
      'x/info': 'a file',
      [STATUS]: stanza({}),
    });
    const databases = found.flatMap((item) => (item.found === 'database' ? [item.database] : []));
    assert.deepEqual(databases, ['status', 'srv/chroot/var/lib/dpkg/status', STATUS]);
  });

  it('takes the database of vcpkg for none, but no package for vcpkg', () => {
    const vcpkg = `${stanza({ 'Port-Version': '1' })}\n${stanza({ Feature: 'ssl', Version: '' })}`;
    assert.deepEqual(
      findIn(dpkg, { 'vcpkg/installed/vcpkg/status': vcpkg, 'vcpkg/installed/vcpkg/info/a.list': '' }),
      [],
    );
    assert.deepEqual(read(stanza({ Feature: 'x' })).packages, ['a 1.0 amd64 < a 1.0']);
  });

  it('wants links too, and nothing else', () => {
    const wants = (path: string, type: 'file' | 'symlink' | 'hardlink' | 'directory' | 'other') =>
      dpkg.wants?.({ path, type, size: 0, mode: 0 });
    assert.ok(wants(STATUS, 'symlink') && wants(STATUS, 'hardlink') && wants('a/status', 'file'));
    assert.ok(
      !wants(STATUS, 'directory') &&
        !wants(STATUS, 'other') &&
        !wants('var/lib/dpkg/status-old', 'file') &&
        !wants('astatus', 'file'),
    );
  });

  it('takes any damage to a database without throwing', () => {
    const good = Buffer.from([stanza({ Source: 's (1)' }), stanza({ Package: 'b' })].join('\n'));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        read(bytes);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void read(Buffer.from(bytes))));
  });
});
