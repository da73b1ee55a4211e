/** What every ecosystem of the list has to hold, whatever it is about (src/ecosystems/contract.ts). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type {
  Detector,
  Entry,
  Found,
  LayerFile,
  LayerView,
  RandomAccessFile,
} from '../src/ecosystems/contract.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import type { IndexRecord } from '../src/model/index-report.ts';
import { NO_DISTRIBUTION } from '../src/model/package.ts';

/** Places where packages are: a detector that wants none of them needs one here. */
const PLACES = [
  'app/lab.deps.json',
  'app/lib/lab.jar',
  'app/node_modules/lab/package.json',
  'app/vendor/composer/installed.json',
  'etc/os-release',
  'lib/apk/db/installed',
  'root/buildinfo/Dockerfile-lab-1.0-1',
  'root/buildinfo/content_manifests/lab-1.0-1.json',
  'usr/lib/python3/dist-packages/lab-1.0.dist-info/METADATA',
  'usr/lib/ruby/gems/3.1.0/specifications/lab-1.0.gemspec',
  'usr/lib/sysimage/rpm/Packages.db',
  'usr/lib/sysimage/rpm/rpmdb.sqlite',
  'var/lib/dpkg/status',
  'var/lib/dpkg/status.d/lab',
  'var/lib/rpm/Packages',
  'var/lib/rpm/rpmdb.sqlite',
];

/** How files begin that are looked at while they stream by. */
const HEADS = [
  Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0', 'latin1'),
  Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58), Buffer.from([64, 0, 0, 0]), Buffer.from('PE\0\0')]),
  Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(24)]),
  Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(26)]),
];

/** No detector can make anything of these, but it has to say so or nothing. */
const NONSENSE = [
  '',
  '\0',
  '\n\n\n',
  '<html><body>404</body></html>',
  '{',
  '[]',
  'null',
  '['.repeat(50_000),
  '{"a":'.repeat(20_000),
  '\xff\xfe\x00\xd8'.repeat(100),
  'Package: \nName: \nP:\nID=\n',
  'x'.repeat(3 * 1024 * 1024),
  'x\n'.repeat(1024 * 1024),
].map((text) => Buffer.from(text, 'latin1'));

const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);

function entryOf(path: string, size: number): Entry {
  return { path, size, type: 'file', mode: 0o755 };
}

function placesOf(detector: Detector): readonly string[] {
  const types = ['file', 'hardlink', 'symlink'] as const;
  return (
    detector.paths ??
    PLACES.filter((path) => types.some((type) => detector.wants?.({ ...entryOf(path, 1000), type })))
  );
}

/** A layer that has these files and nothing else. */
function layerOf(files: readonly LayerFile[]): LayerView {
  const file = (path: string) => files.find((each) => each.path === path);
  return { files, file, has: (path, type = 'file') => type === 'file' && file(path) !== undefined };
}

function fileOf(path: string, content: Buffer): LayerFile {
  return { path, size: content.length, mode: 0o644, read: () => content };
}

function randomAccess(path: string, content: Buffer): RandomAccessFile {
  return {
    ...fileOf(path, content),
    read: (offset, length) => content.subarray(offset, offset + length),
    indexOf: (needle, from) => content.indexOf(needle, from),
  };
}

/** All that `detector` says of its files having this content. */
function detect(detector: Detector, content: Buffer): Found[] {
  const found = [
    ...(detector.read?.(layerOf(placesOf(detector).map((path) => fileOf(path, content)))) ?? []),
  ];
  if (detector.inspect === undefined) return found;
  for (const head of HEADS) {
    const bytes = Buffer.concat([head, content]);
    const entry = entryOf('app/lib/lab.jar', bytes.length);
    if (!detector.magic?.(bytes.subarray(0, 512))) continue;
    found.push(...detector.inspect(randomAccess(entry.path, bytes), entry));
  }
  return found;
}

/** What any finding has to be: plain data, and nothing nameless. */
function check(found: readonly Found[]): void {
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  for (const item of found) {
    if (item.found === 'package') {
      assert.ok(item.package.name !== '' && item.package.database !== '' && item.package.path !== '');
      assert.ok(!item.package.path.startsWith('/'));
    }
    if (item.found === 'problem') assert.ok(item.where !== '' && item.reason !== '');
  }
}

describe('the ecosystems', () => {
  it('have ids of their own', () => {
    const ids = ecosystems.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
  });

  it('have detectors of their own, each of which looks at something', () => {
    const ids = detectors.map(({ id, kind }) => `${id} (${kind})`);
    assert.deepEqual([...new Set(ids)], ids);
    for (const { id, revision, paths, wants, read, inspects, magic, inspect } of detectors) {
      assert.match(`${id}:${revision}`, /^[\w-]+:[\w.-]+$/);
      assert.equal(
        read !== undefined,
        paths !== undefined || wants !== undefined,
        `${id}: read and what to read`,
      );
      assert.equal(inspect !== undefined, inspects !== undefined && magic !== undefined, `${id}: inspect`);
      assert.ok(read ?? inspect, `${id} reads nothing`);
    }
  });
});

describe('a detector', () => {
  for (const detector of detectors) {
    it(`${detector.id} (${detector.kind}): survives any content of what it wants`, () => {
      if (detector.read !== undefined) assert.ok(placesOf(detector).length > 0, 'PLACES has no place of it');
      check([...(detector.read?.(layerOf([])) ?? [])]);
      for (const content of NONSENSE) check(detect(detector, content));
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
          check(detect(detector, Buffer.from(bytes))),
        ),
        { numRuns: 60 },
      );
    });

    if (detector.read === undefined) continue;
    it(`${detector.id} (${detector.kind}): is not silent about a file that cannot be read`, () => {
      for (const path of placesOf(detector)) {
        const tooBig: LayerFile = {
          path,
          size: 2 ** 40,
          mode: 0o644,
          read() {
            throw new Error(`${path}: over the limit`);
          },
        };
        // What throws is told by whoever runs it.
        let told = false;
        try {
          told = [...detector.read!(layerOf([tooBig]))].some(({ found }) => found === 'problem');
        } catch {
          told = true;
        }
        assert.ok(told, path);
      }
    });
  }
});

describe('findings', () => {
  const found = { name: 'lab', version: '1.0.0', kind: 'binary', arch: 'x86_64' } as const;
  const distribution = (did: string, name: string, versionId: string, codeName = '') => ({
    ...NO_DISTRIBUTION,
    did,
    name,
    versionId,
    version: versionId,
    versionCodeName: codeName,
  });
  const foreign: IndexRecord[] = [
    { package: found },
    { package: found, distribution: NO_DISTRIBUTION },
    { package: found, distribution: distribution('plan9', 'Plan 9', '4') },
    { package: found, repository: {} },
    { package: found, repository: { name: 'nowhere', key: 'nowhere', uri: 'https://nowhere.example/' } },
  ];
  for (const { id, findings } of ecosystems) {
    it(`of ${id} are none for a record of nobody's`, () => {
      for (const record of foreign) assert.deepEqual(findings(record), []);
    });
  }

  const records: IndexRecord[] = [
    ...[
      distribution('debian', 'Debian GNU/Linux', '12', 'bookworm'),
      distribution('ubuntu', 'Ubuntu', '22.04', 'jammy'),
      distribution('alpine', 'Alpine Linux', '3.18'),
      distribution('wolfi', 'Wolfi', '20230201'),
    ].map((each) => ({ package: found, distribution: each })),
    ...['pypi', 'npm', 'go', 'crates.io', 'packagist', 'nuget'].map((name) => ({
      package: found,
      repository: { name },
    })),
  ];
  it('of a record are those of one ecosystem alone', () => {
    for (const record of records) {
      const all = ecosystems.flatMap(({ id, findings }) =>
        findings(record).map((finding) => ({ id, finding })),
      );
      assert.equal(new Set(all.map(({ id }) => id)).size, 1, JSON.stringify(record));
      for (const { finding } of all) assert.ok(finding.scope !== '' && finding.name !== '');
    }
  });
});

describe('versions', () => {
  const texts = [
    ...[
      '0',
      '0.0.1',
      '1',
      '1.0',
      '1.0.0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta',
      '1.0.0-rc.1',
      '1.0.1',
    ],
    ...[
      '1.2.3',
      '1.10.0',
      '2',
      '2.0.0',
      '10.0.0',
      '1.0a1',
      '1.0.dev1',
      '1.0.post1',
      '1:1.0',
      '1.0~rc1',
      '1.0-1',
    ],
    ...['1.0-r1', '1.0_p1', '1.0-1ubuntu1', 'v1.0.0', 'v1.2.3-0.20200101000000-abcdefabcdef', '20240101'],
  ];
  for (const { id, versions, fallback } of ecosystems) {
    it(`of ${id} are a total preorder, the same by bytes`, () => {
      const read = texts.flatMap((text) => {
        const version = versions.parse(text);
        return version === undefined ? [] : [{ text, version }];
      });
      if (!fallback) assert.ok(read.length > 5, 'it reads hardly anything');
      for (const a of read) {
        assert.equal(versions.compare(a.version, a.version), 0, a.text);
        for (const b of read) {
          const order = Math.sign(versions.compare(a.version, b.version));
          const [left, right] = [versions.key(a.version), versions.key(b.version)];
          assert.equal(order, -Math.sign(versions.compare(b.version, a.version)) || 0, `${a.text} ${b.text}`);
          // Without a key there is no place in byte order, nor need the order be one.
          if (left === undefined || right === undefined) continue;
          assert.equal(Math.sign(Buffer.compare(left, right)), order, `${a.text} ${b.text}: keys`);
        }
      }
    });
  }
});
