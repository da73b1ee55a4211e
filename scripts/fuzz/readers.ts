/** The readers that are fuzzed, and the real files that they are given, damaged. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deflateSync, gzipSync } from 'node:zlib';
import type { Detector } from '../../src/contract/detector.ts';
import { installed as apk } from '../../src/ecosystems/apk/installed.ts';
import { dpkg } from '../../src/ecosystems/deb/dpkg.ts';
import { dpkgDistroless } from '../../src/ecosystems/deb/dpkg-distroless.ts';
import { dotnet } from '../../src/ecosystems/dotnet/index.ts';
import { inlineInfo, pointerInfo } from '../../src/ecosystems/go/build-info.fixture.ts';
import { gobin } from '../../src/ecosystems/go/detect-binary.ts';
import { functionTable, goData } from '../../src/ecosystems/go/function-table.fixture.ts';
import { javaArchives } from '../../src/ecosystems/java/detect-archives.ts';
import { explodedArchives } from '../../src/ecosystems/java/exploded.ts';
import { nativeImages } from '../../src/ecosystems/java/native-image.ts';
import { installedPackages as node } from '../../src/ecosystems/node/detect-package-json.ts';
import { yarnCache } from '../../src/ecosystems/node/detect-yarn-cache.ts';
import { php } from '../../src/ecosystems/php/index.ts';
import { python } from '../../src/ecosystems/python/index.ts';
import { dockerfileContainers } from '../../src/ecosystems/redhat/containers/detect-dockerfile.ts';
import { labelledContainers } from '../../src/ecosystems/redhat/containers/detect-labels.ts';
import { dnf4, dnf5 } from '../../src/ecosystems/redhat/repositories/history.fixture.ts';
import { rhelRepositories } from '../../src/ecosystems/redhat/repositories/repoids.ts';
import { rpmPackages } from '../../src/ecosystems/redhat/rpms/databases.ts';
import { composeNdb, fixture, headers } from '../../src/ecosystems/rpm/databases.fixture.ts';
import { ruby } from '../../src/ecosystems/ruby/index.ts';
import { auditable } from '../../src/ecosystems/rust/detect-auditable.ts';
import { conanCache } from '../../src/ecosystems/uncovered/detect-conan-cache.ts';
import { makeZip, type ZipMember } from '../../src/formats/archives/zip.fixture.ts';
import { elf, fat, integer, machO, pe } from '../../src/formats/programs/programs.fixture.ts';
import {
  elfWithSymbols,
  machOWithSymbols,
  peWithExports,
} from '../../src/formats/programs/symbols.fixture.ts';
import type { FuzzedReader } from './reader.ts';
import { RECORD_READERS } from './record-readers.ts';

const ROW = 'mod\texample.com/main\tv1.2.3\nbuild\tvcs=git\n';
const GO = {
  version: 'go1.21.5',
  modules: `path\texample.com/main\n${ROW}dep\tgolang.org/x/net\tv0.17.0\th1:abc=\n=>\t./local\t(devel)\t\n`,
};
const CRATES = deflateSync(
  JSON.stringify({
    packages: [
      { name: 'itoa', version: '1.0.18', source: 'crates.io' },
      { name: 'app', version: '0.1.0', source: 'local', root: true, dependencies: [0] },
    ],
  }),
);
const MANIFEST =
  'Manifest-Version: 1.0\r\nBundle-SymbolicName: org.example.lab;singleton:=true\r\nImplementation-Title: a-title-that-is-long-enough-to-be-wrapp\r\n ed\r\nBundle-Version: 1.2.3\r\n\r\nName: a/b\r\nSHA-256-Digest: abc=\r\n';
const PROPERTIES = '#comment\ngroupId=org.example\nartifactId=lab\nversion=1.2.3\n';
const APK =
  'C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:1\nT:text\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1x=\n\nP:busybox\nV:1.36.1-r5\nA:x86_64\no:busybox\nF:bin\nR:busybox\n\n';
const STATUS =
  'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: glibc (2.36-9)\nVersion: 2.36-9+deb12u3\nDescription: GNU C Library\n Shared libraries\n .\n More.\n\nPackage: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n';
const COMPOSER = JSON.stringify({
  packages: [
    { name: 'monolog/monolog', version: '2.9.1', version_normalized: '2.9.1.0', type: 'library' },
    { name: 'lab/dev', version: 'dev-main', source: { type: 'git', reference: 'abc' } },
  ],
  dev: true,
});
const DEPS = JSON.stringify({
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0' },
  targets: { '.NETCoreApp,Version=v8.0': { 'Newtonsoft.Json/13.0.1': { runtime: { 'a.dll': {} } } } },
  libraries: {
    'app/1.0.0': { type: 'project', serviceable: false },
    'Newtonsoft.Json/13.0.1': { type: 'package', serviceable: true, sha512: 'x' },
  },
});
const NODE = JSON.stringify(
  { name: '@scope/name', version: '1.2.3-rc.1', dependencies: { a: '^1' } },
  null,
  2,
);
const NATIVE_SBOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.4',
  components: [
    { type: 'library', group: 'org.yaml', name: 'snakeyaml', version: '1.30' },
    { type: 'library', name: 'lab', version: '1.0', purl: 'pkg:maven/org.example/lab@1.0' },
  ],
});
const METADATA =
  'Metadata-Version: 2.1\nName: Lab.Name\nVersion: 1!2.0rc1.post2+local.1\nSummary: a\n  b\n\nText\n';
const GEMSPEC =
  '# -*- encoding: utf-8 -*-\nGem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.2.3"\n  s.authors = ["A".freeze]\nend\n';

const CONTENT_MANIFEST = JSON.stringify({
  metadata: { icm_version: 1, image_layer_index: 2 },
  content_sets: ['rhel-9-for-x86_64-baseos-rpms', 'rhel-9-for-x86_64-appstream-rpms'],
  from_dnf_hint: false,
});
const DOCKERFILE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile has such variables
  '# escape=\\\nFROM registry.example/base:1 AS builder\nRUN <<EOF\nLABEL x=y\nEOF\nFROM builder\nARG A=1 B\nENV NAME="lab/${A:-tool}"\nLABEL com.redhat.component="lab-container" \\\n  name=$NAME \\\n  architecture=\'x86_64\'\n';
const LABELS = JSON.stringify({
  name: 'lab/tool',
  architecture: 'x86_64',
  cpe: 'cpe:/a:lab:tool:3::el9',
  'org.opencontainers.image.created': '2025-02-01T10:11:12Z',
});

/** The readers by name. */
export const READERS: Readonly<Record<string, FuzzedReader>> = {
  ...RECORD_READERS,
  'rpm-sqlite': {
    detector: rpmPackages,
    path: 'var/lib/rpm/rpmdb.sqlite',
    seeds: () => [fixture('rpmdb.sqlite.gz'), fixture('empty.sqlite.gz')],
  },
  'rpm-bdb': {
    detector: rpmPackages,
    path: 'var/lib/rpm/Packages',
    seeds: () => [fixture('Packages-1234.gz'), fixture('Packages-4321.gz')],
  },
  'rpm-ndb': {
    detector: rpmPackages,
    path: 'usr/lib/sysimage/rpm/Packages.db',
    seeds: () => [composeNdb(headers()), composeNdb(headers().slice(0, 1), 2)],
  },
  'rpm-header': {
    detector: rpmPackages,
    path: 'usr/lib/sysimage/rpm/Packages.db',
    seeds: headers,
    wrap: (blob) => composeNdb([blob]),
  },
  'dnf4-history': {
    detector: rhelRepositories,
    path: 'var/lib/dnf/history.sqlite',
    seeds: () => [
      dnf4([
        [1, 1, 1],
        [2, 2, 6],
        [1, 2, 9],
        [3, 4, 8],
      ]).bytes,
    ],
  },
  'dnf5-history': {
    detector: rhelRepositories,
    path: 'usr/lib/sysimage/libdnf5/transaction_history.sqlite',
    seeds: () => [
      dnf5(
        [
          [1, 1, 'Install'],
          [2, 2, 'Upgrade'],
          [3, 4, 'Remove'],
        ],
        'delete',
      ).bytes,
    ],
  },
  'content-manifest': {
    detector: rhelRepositories,
    path: 'root/buildinfo/content_manifests/lab-1-1.json',
    seeds: () => [Buffer.from(CONTENT_MANIFEST)],
  },
  'rhcc-dockerfile': {
    detector: dockerfileContainers,
    path: 'root/buildinfo/Dockerfile-lab-tool-v3.5.6-4',
    seeds: () => [Buffer.from(DOCKERFILE)],
  },
  'rhcc-labels': {
    detector: labelledContainers,
    path: 'root/buildinfo/labels.json',
    seeds: () => [Buffer.from(LABELS)],
  },
  dpkg: {
    detector: dpkg,
    path: 'var/lib/dpkg/status',
    seeds: () => [Buffer.from(STATUS), ...start('/var/lib/dpkg/status', 16_384)],
  },
  'dpkg-distroless': {
    detector: dpkgDistroless,
    path: 'var/lib/dpkg/status.d/libc6',
    seeds: () => [Buffer.from(STATUS)],
  },
  apk: { detector: apk, path: 'lib/apk/db/installed', seeds: () => [Buffer.from(APK)] },
  jar: { detector: javaArchives, path: 'app/lib/commons-lab-1.2.jar', seeds: jars },
  'jar-manifest': {
    detector: javaArchives,
    path: 'app/lib/lab.jar',
    seeds: () => [Buffer.from(MANIFEST)],
    wrap: (text) => zipOf([{ name: 'META-INF/MANIFEST.MF', content: text }]),
  },
  'jar-properties': {
    detector: javaArchives,
    path: 'app/lib/lab.jar',
    seeds: () => [Buffer.from(PROPERTIES)],
    wrap: (text) => zipOf([{ name: 'META-INF/maven/a/b/pom.properties', content: text }]),
  },
  exploded: {
    detector: explodedArchives,
    path: 'workspace/META-INF/maven/org.example/lab/pom.properties',
    seeds: () => [Buffer.from(PROPERTIES)],
  },
  graalvm: {
    detector: nativeImages,
    path: 'usr/bin/app',
    seeds: () => [gzipSync(NATIVE_SBOM)],
    wrap: (sbom) =>
      elfWithSymbols({ sbom, sbom_length: integer(sbom.length, 8, false) }, { padding: 256 * 1024 }),
  },
  'graalvm-headers': {
    detector: nativeImages,
    path: 'usr/bin/app.exe',
    seeds: () => {
      const sbom = gzipSync(NATIVE_SBOM);
      const data = { sbom, sbom_length: integer(sbom.length, 8, false) };
      return [elfWithSymbols, machOWithSymbols, peWithExports].map((make) =>
        make(data, { padding: 256 * 1024 }),
      );
    },
  },
  gemspec: {
    detector: one(ruby.detectors),
    path: 'usr/lib/ruby/gems/3.1.0/specifications/lab-1.2.3.gemspec',
    seeds: () => [
      Buffer.from(GEMSPEC),
      ...some('/usr/share/rubygems-integration/all/specifications/*.gemspec'),
    ],
  },
  python: {
    detector: one(python.detectors),
    path: 'usr/lib/python3/dist-packages/lab-1.0.dist-info/METADATA',
    seeds: () => [Buffer.from(METADATA), ...some('/usr/lib/python3*/**/*.dist-info/METADATA')],
  },
  node: {
    detector: node,
    path: 'app/node_modules/@scope/name/package.json',
    seeds: () => [Buffer.from(NODE), ...some('/usr/share/nodejs/*/package.json')],
  },
  'yarn-cache': {
    detector: yarnCache,
    path: 'app/.yarn/cache/name-npm-1.2.3-0123456789-abcdef0123.zip',
    seeds: () => [zipOf([{ name: 'node_modules/@scope/name/package.json', content: Buffer.from(NODE) }])],
  },
  'conan-cache': {
    detector: conanCache,
    path: 'root/.conan2/p/cache.sqlite3',
    seeds: () => made(['sqlite'], conanDatabase),
  },
  php: {
    detector: one(php.detectors),
    path: 'app/vendor/composer/installed.json',
    seeds: () => [Buffer.from(COMPOSER)],
  },
  dotnet: { detector: one(dotnet.detectors), path: 'app/lab.deps.json', seeds: () => [Buffer.from(DEPS)] },
  go: {
    detector: gobin,
    path: 'usr/bin/app',
    seeds: () => [
      ...some(join(process.env.GOROOT ?? '/usr/local/go', 'pkg/tool/*/*'), 3 * 1024 * 1024).slice(0, 1),
      elf(() => inlineInfo(GO)),
      elf((address) => pointerInfo(GO, address, 8, false)),
      elf((address) => pointerInfo(GO, address, 4, true), { wide: false, bigEndian: true }),
      pe(() => inlineInfo(GO)),
      machO(() => inlineInfo(GO)),
      fat([machO(() => inlineInfo(GO)), machO(() => inlineInfo(GO))]),
    ],
  },
  rust: {
    detector: auditable,
    path: 'usr/bin/app',
    seeds: () => [elf, pe, machO].map((make) => make(() => CRATES, { section: '.dep-v0' })),
  },
  'go-functions': {
    detector: gobin,
    path: 'usr/bin/app',
    seeds: () =>
      [2, 15, 17, 19, 21].map((release) =>
        elf(() => goData(GO, functionTable(['runtime.main', 'main.main', 'lab/a.(*T).M'], { release })), {
          section: '.gopclntab',
        }),
      ),
  },
  'rust-symbols': {
    detector: auditable,
    path: 'usr/bin/app',
    seeds: () => [elf, pe, machO].map((make) => make(() => CRATES, { section: '.dep-v0', symbols: SYMBOLS })),
  },
  'jar-classes': {
    detector: javaArchives,
    path: 'app/lib/lab.jar',
    seeds: () => [
      zipOf(
        [
          'META-INF/maven/a/b/pom.properties',
          'org/x/A.class',
          'org/x/A$1.class',
          'WEB-INF/classes/B.class',
        ].map((name) => ({ name, content: name.endsWith('s') ? PROPERTIES : 'x' })),
      ),
    ],
  },
};

const SYMBOLS = [
  '_ZN4core3ptr31drop_in_place$LT$lab..T$GT$17h0123456789abcdefE',
  '_ZN57_$LT$lab..T$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE',
  '_RNvXs0_Csabc_3labNtB5_1TNtNtNtCs1_4core3ops4drop4Drop4drop',
  '_RINvCs1_3lab3runKj4_Kb1_KpKRe666f6f_TmcERShFUKCmEuDNtB2_1Tp1XmEL_E',
  'main',
];

function zipOf(members: readonly ZipMember[]): Buffer {
  return makeZip({ members });
}

function one(detectors: readonly Detector[]): Detector {
  return detectors.find(({ kind }) => kind === 'package')!;
}

/** The first few files of a pattern that are not too big. */
function some(pattern: string, limit = 16_384): Buffer[] {
  return globSync(pattern)
    .sort()
    .filter((path) => statSync(path).size <= limit)
    .slice(0, 5)
    .map((path) => readFileSync(path));
}

function start(path: string, bytes: number): Buffer[] {
  return existsSync(path) ? [readFileSync(path).subarray(0, bytes)] : [];
}

/** As Conan makes it. */
function conanDatabase(dir: string): string {
  const database = new DatabaseSync(join(dir, 'cache.sqlite3'));
  database.exec(
    "create table packages(reference, rrev, pkgid, prev, path, timestamp, build_id, lru); insert into packages values('zlib/1.2.11', 'r', 'p', 'v', 'b/zlib0/p', 1.5, null, 1), ('lab/2.0@a/b', 'r', 'p', 'v', 'lab0/p', 1.5, null, 1)",
  );
  database.close();
  return 'cache.sqlite3';
}

function jars(): Buffer[] {
  const inner = zipOf([
    { name: 'META-INF/MANIFEST.MF', content: Buffer.from(MANIFEST) },
    { name: 'META-INF/maven/org.example/lab/pom.properties', content: Buffer.from(PROPERTIES) },
  ]);
  const nested = zipOf([
    { name: 'META-INF/MANIFEST.MF', content: Buffer.from(MANIFEST) },
    { name: 'WEB-INF/lib/inner-1.0.jar', content: inner },
    { name: 'WEB-INF/lib/stored-1.0.jar', content: inner, method: 0 },
  ]);
  return [
    inner,
    nested,
    ...some('/usr/share/java/*.jar', 65_536),
    ...made(['jar'], (dir) => {
      writeFileSync(
        join(dir, 'manifest'),
        MANIFEST.replaceAll('\r\n', '\n').replace('\nName: a/b\nSHA-256-Digest: abc=', ''),
      );
      writeFileSync(join(dir, 'pom.properties'), PROPERTIES);
      execFileSync('jar', ['cfm', 'real.jar', 'manifest', 'pom.properties'], { cwd: dir, stdio: 'ignore' });
      return 'real.jar';
    }),
  ];
}

/** What `make` writes into a folder by tools that may not be there; nothing then. */
function made(tools: readonly string[], make: (dir: string) => string): Buffer[] {
  const dir = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    return [readFileSync(join(dir, make(dir)))];
  } catch (error) {
    console.error(
      `no seeds by ${tools.join(', ')}: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    );
    return [];
  } finally {
    rmSync(dir, { recursive: true });
  }
}
