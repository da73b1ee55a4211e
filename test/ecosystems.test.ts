/** What every ecosystem of the list has to hold, whatever it is about (src/contract/ecosystem.ts). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type {
  Detection,
  Detector,
  Entry,
  LayerFile,
  LayerView,
  RandomAccessFile,
} from '../src/contract/detector.ts';
import { layerFile, unreadableFile } from '../src/contract/layer-file.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { isOfScopes } from '../src/ecosystems/scopes.ts';
import type { Digest } from '../src/model/digest.ts';
import type { IndexRecord } from '../src/model/index-report.ts';
import { type Environment, NO_DISTRIBUTION } from '../src/model/package.ts';
import { formatPurl, parsePurl } from '../src/model/purl.ts';
import { readSamples } from './ecosystems.fixture.ts';

const SAMPLES = await readSamples();

/** Places where packages are: those of the samples, and others of detectors that have several. */
const PLACES = [
  ...new Set([...SAMPLES.values()].flatMap(({ files }) => files.map(({ name }) => String(name)))),
  'app/package-lock.json',
  'app/yarn.lock',
  'app/pnpm-lock.yaml',
  'app/bun.lock',
  'app/bun.lockb',
  'app/deno.lock',
  'app/poetry.lock',
  'app/Pipfile.lock',
  'app/requirements.txt',
  'app/go.mod',
  'app/Cargo.lock',
  'app/Gemfile.lock',
  'app/composer.lock',
  'app/mix.lock',
  'app/manifest.toml',
  'app/packages.lock.json',
  'app/packages.config',
  'app/pom.xml',
  'app/gradle.lockfile',
  'app/build.sbt.lock',
  'app/conan.lock',
  'app/Podfile.lock',
  'opt/conda/conda-meta/lab-1.0.json',
  'usr/local/lib/perl5/.meta/Lab-1.0/install.json',
  'usr/lib/luarocks/rocks-5.4/lab/1.0-1/lab-1.0-1.rockspec',
  'opt/homebrew/Cellar/lab/1.0/INSTALL_RECEIPT.json',
  'var/db/pkg/app-misc/lab-1.0/PF',
  'usr/lib/opkg/info/lab.control',
  'root/.julia/packages/Lab/abcde/Project.toml',
  'opt/ghc/package.conf.d/lab-1.0.conf',
  'root/.pub-cache/hosted/pub.dev/lab-1.0.0/pubspec.yaml',
  'root/.opam/default/.opam-switch/packages/lab.1.0/opam',
  'app/lab.opam.locked',
  'opt/spack/lab-1.0-a/.spack/spec.json',
  `var/lib/flatpak/app/lab/x86_64/stable/${'0'.repeat(64)}/metadata`,
  'snap/lab/1/meta/snap.yaml',
  'opt/vcpkg/installed/vcpkg/status',
  'root/.conan/data/lab/1.0/_/_/package/0/conaninfo.txt',
  'root/.conan2/p/cache.sqlite3',
  'srv/www/bower_components/lab/.bower.json',
  'root/.local/share/swi-prolog/pack/lab/pack.pl',
  'usr/local/lib/php/.registry/lab.reg',
  'usr/local/lib/php/.registry/.channel.pecl.php.net/lab.reg',
  'app/META-INF/maven/lab/lab/pom.properties',
  'app/.yarn/cache/lab-npm-1.0.0-0123456789-abcdef0123.zip',
  'srv/wp-content/plugins/lab/lab.php',
  'srv/wp-content/themes/lab/style.css',
  'srv/www/modules/contrib/lab/lab.info.yml',
  'srv/www/administrator/components/com_lab/lab.xml',
  'var/lib/grafana/plugins/lab/plugin.json',
  'srv/.terraform.lock.hcl',
  'srv/.github/workflows/lab.yml',
  'boot/vmlinuz-6.1.0',
  'var/log/packages/lab-1.0-x86_64-1',
  'var/db/xbps/pkgdb-0.38.plist',
  'var/lib/eopkg/package/lab-1.0-1/metadata.xml',
  'etc/cos-package-info.json',
  'root/buildinfo/Dockerfile-lab-1.0-1',
  'root/buildinfo/content_manifests/lab-1.0-1.json',
  'usr/lib/sysimage/rpm/Packages.db',
  'usr/lib/sysimage/rpm/rpmdb.sqlite',
  'usr/share/sbom/lab.spdx.json',
  'var/lib/chisel/manifest.wall',
  'var/lib/dpkg/status.d/lab',
  'var/lib/rpm/Packages',
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
  return {
    files,
    file,
    names: () => [],
    // Beside a database of dpkg.
    has: (path, type = 'file') => (type === 'file' ? file(path) !== undefined : path.endsWith('/info')),
  };
}

function randomAccess(path: string, content: Buffer): RandomAccessFile {
  return {
    ...layerFile(path, content),
    read: (offset, length) => content.subarray(offset, offset + length),
    indexOf: (needle, from) => content.indexOf(needle, from),
  };
}

/** All that `detector` says of its files having this content. */
function detect(detector: Detector, content: Buffer): Detection[] {
  const found = [
    ...(detector.read?.(layerOf(placesOf(detector).map((path) => layerFile(path, content)))) ?? []),
  ];
  if (detector.inspect === undefined) return found;
  for (const head of HEADS) {
    const bytes = Buffer.concat([head, content]);
    const entry = entryOf('app/lib/lab.jar', bytes.length);
    if (!detector.magic?.(bytes.subarray(0, 512), entry)) continue;
    found.push(...detector.inspect(randomAccess(entry.path, bytes), entry));
  }
  return found;
}

/** What any detection has to be: plain data, and nothing nameless. */
function check(found: readonly Detection[]): void {
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
        const tooBig = unreadableFile(path, 2 ** 40, () => {
          throw new Error(`${path}: over the limit`);
        });
        // What throws is told by whoever runs it.
        let told = false;
        try {
          const seen = [...detector.read!(layerOf([tooBig]))];
          // Of some files it counts only that they are there.
          const isUnread =
            seen.length > 0 &&
            isDeepStrictEqual(seen, [...detector.read!(layerOf([layerFile(path, Buffer.from('x'))]))]);
          told = isUnread || seen.some(({ found }) => found === 'problem');
        } catch {
          told = true;
        }
        assert.ok(told, path);
      }
    });
  }
});

describe('lookups', () => {
  for (const { id, repository, lookups } of ecosystems) {
    if (repository === undefined) continue;
    it(`of ${id} are only for packages of ${repository}`, () => {
      const names = ecosystems
        .map((each) => each.repository ?? 'other')
        .filter((name) => name !== repository);
      for (const kind of ['binary', 'source'] as const)
        for (const at of [{}, ...names.map((name) => ({ repository: { name } }))])
          assert.deepEqual(lookups({ package: { name: 'lab', version: '1', kind }, ...at }), []);
    });
  }

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
  for (const { id, lookups } of ecosystems) {
    it(`of ${id} are none for a record of nobody's`, () => {
      for (const record of foreign) assert.deepEqual(lookups(record), []);
    });
  }

  const records = [...SAMPLES.values()].flatMap(({ says }) =>
    Object.values(says)
      .flat()
      .map(
        ({ scope: { distribution: of, repository } }): IndexRecord => ({
          package: found,
          ...(of && { distribution: of }),
          ...(repository && { repository }),
        }),
      ),
  );
  it('of a record are those of one ecosystem alone, in scopes of its own', () => {
    assert.ok(records.length > ecosystems.length);
    for (const record of records) {
      const all = ecosystems.flatMap(({ id, lookups }) => lookups(record).map((lookup) => ({ id, lookup })));
      assert.equal(new Set(all.map(({ id }) => id)).size, 1, JSON.stringify(record));
      for (const { id, lookup } of all) {
        assert.ok(lookup.name !== '');
        assert.deepEqual(
          ecosystems.filter(({ scopes }) => isOfScopes(scopes, lookup.scope)).map((each) => each.id),
          [id],
          lookup.scope,
        );
      }
    }
  });
});

describe('package URLs', () => {
  const owners = ecosystems.filter(({ purl }) => purl !== undefined);

  it('of a type are of one ecosystem', () => {
    const types = owners.flatMap(({ purl }) => purl!.types);
    assert.deepEqual([...new Set(types)], types);
  });

  /** Distributions that tools name so, with a release. */
  const NAMES = [...SAMPLES.values()].flatMap(({ distros = [] }) => distros);
  const records = (ecosystem: (typeof ecosystems)[number], name: string, version: string) => {
    const { purl, detectors: own } = ecosystem;
    const distributions = NAMES.flatMap(
      (each) => purl!.distribution?.(each.replace(/-[^-]*$/, ''), each.replace(/^.*-/, '')) ?? [],
    );
    const repositories = purl!.fromPurl({
      type: purl!.types[0]!,
      namespace: '',
      name,
      version,
      // What makes an image in a registry a package.
      qualifiers: new Map([['container_cpe', 'cpe:/a:example:lab:1']]),
      subpath: '',
    })?.repositories;
    const detector = own.find(({ kind }) => kind === 'package')!;
    const places = distributions.length > 0 ? distributions.map((each) => ({ distribution: each })) : [{}];
    return places.map((place) => ({
      package: {
        name,
        version,
        kind: 'binary',
        arch: 'x86_64',
        source: { name: `${name}-src`, version: `${version}-1` },
        detector: detector.id,
      } as const,
      environment: {
        packageDb: 'lab',
        introducedIn: `sha256:${'0'.repeat(64)}` as Digest,
        ...place,
        ...(repositories && { repositories }),
      },
    }));
  };
  const lookupsOf = (
    ecosystem: (typeof ecosystems)[number],
    found: IndexRecord['package'],
    environment: Partial<Environment>,
  ) =>
    (environment.repositories ?? [undefined]).flatMap((repository) =>
      ecosystem.lookups({
        package: found,
        ...(environment.distribution && { distribution: environment.distribution }),
        ...(repository && { repository }),
      }),
    );

  for (const ecosystem of owners) {
    it(`of ${ecosystem.id} come back with the same lookups`, () => {
      const word = fc.stringMatching(/^[A-Za-z][\w.+@~-]{0,9}$/);
      const names = fc.oneof(
        word,
        fc.tuple(word, word).map((both) => both.join('/')),
        fc.tuple(word, word).map((both) => both.join(':')),
      );
      const versions = fc.oneof(
        fc.stringMatching(/^[0-9][\w.+~-]{0,9}$/),
        fc.constantFrom('1:2.3-4', '(devel)', '1.0-1.el9', '0:1-1'),
      );
      let checked = 0;
      fc.assert(
        fc.property(names, versions, (name, version) => {
          for (const { package: found, environment } of records(ecosystem, name, version)) {
            const want = lookupsOf(ecosystem, found, environment);
            const purl = ecosystem.purl!.toPurl(found, environment);
            if (purl === undefined) continue;
            const parsed = parsePurl(formatPurl(purl));
            assert.deepEqual(parsed, purl, formatPurl(purl));
            const back = ecosystem.purl!.fromPurl(parsed!)!;
            assert.deepEqual(lookupsOf(ecosystem, back.package, back), want, formatPurl(purl));
            assert.deepEqual([back.package.name, back.package.version], [name, version]);
            checked += want.length;
          }
        }),
        { numRuns: 60 },
      );
      assert.ok(checked > 0, 'nothing was compared');
    });

    it(`of ${ecosystem.id} survive anything`, () => {
      fc.assert(
        fc.property(
          fc.string(),
          fc.string({ minLength: 1 }),
          fc.string(),
          fc.dictionary(
            fc.constantFrom('arch', 'distro', 'epoch', 'upstream', 'rpmmod', 'repository_cpes'),
            fc.string(),
          ),
          (namespace, name, version, qualifiers) => {
            ecosystem.purl!.fromPurl({
              type: ecosystem.purl!.types[0]!,
              namespace,
              name,
              version,
              qualifiers: new Map(Object.entries(qualifiers)),
              subpath: '',
            });
            ecosystem.purl!.distribution?.(namespace, version);
          },
        ),
      );
    });
  }

  it('know the distributions that scanners name', () => {
    for (const name of NAMES) {
      const found = owners.flatMap(
        ({ purl }) => purl!.distribution?.(name.replace(/-[^-]*$/, ''), name.replace(/^.*-/, '')) ?? [],
      );
      assert.equal(found.length, 1, name);
    }
  });
});
