/** What every ecosystem of the list has to hold from a file in a layer to a feed and a package URL (src/ecosystems/contract.ts). */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Ecosystem, FeedContext, Finding } from '../src/ecosystems/contract.ts';
import { inlineInfo } from '../src/ecosystems/go/build-info.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { fixture } from '../src/ecosystems/rpm/databases.fixture.ts';
import { elf } from '../src/formats/programs.fixture.ts';
import { makeZip } from '../src/formats/zip-testing.ts';
import type { TarFile } from '../src/image/tar-writer.fixture.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { IndexedPackage, IndexRecord } from '../src/model/index-report.ts';
import { formatPurl, parsePurl } from '../src/model/purl.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';
import { ROOT } from './imports.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** A layer for each ecosystem that has packages of it. */
const LAYERS: Readonly<Record<string, readonly TarFile[]>> = {
  deb: [
    file(
      'etc/os-release',
      'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    ),
    file(
      'var/lib/dpkg/status',
      'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nSource: glibc\nArchitecture: amd64\n',
    ),
  ],
  apk: [
    file(
      'etc/os-release',
      'ID=alpine\nNAME="Alpine Linux"\nVERSION_ID=3.18.4\nPRETTY_NAME="Alpine Linux v3.18"\n',
    ),
    file('lib/apk/db/installed', 'P:musl\nV:1.2.4-r1\nA:x86_64\no:musl\n\n'),
  ],
  rpm: [
    file(
      'etc/os-release',
      'ID="almalinux"\nNAME="AlmaLinux"\nVERSION_ID="9.3"\nPRETTY_NAME="AlmaLinux 9.3"\n',
    ),
    file('var/lib/rpm/rpmdb.sqlite', fixture('rpmdb.sqlite.gz')),
  ],
  rhcc: [
    file(
      'root/buildinfo/labels.json',
      JSON.stringify({
        name: 'lab/app',
        architecture: 'x86_64',
        'org.opencontainers.image.created': '2024-05-01T00:00:00Z',
        cpe: 'cpe:/a:redhat:lab:1::el9',
      }),
    ),
  ],
  python: [file('opt/lab-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: Lab_Name\nVersion: 1.0\n\n')],
  java: [
    file(
      'opt/a.jar',
      makeZip({
        members: [{ name: 'META-INF/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1.0\n' }],
      }),
    ),
  ],
  ruby: [
    file(
      'usr/lib/ruby/gems/3.1.0/specifications/lab-1.2.3.gemspec',
      'Gem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.2.3"\nend\n',
    ),
  ],
  node: [file('app/node_modules/@scope/lab/package.json', '{"name":"@scope/lab","version":"1.2.3"}')],
  go: [
    file(
      'app/run',
      elf(() =>
        inlineInfo({
          version: 'go1.21.5',
          modules:
            'path\texample.com/Main\nmod\texample.com/Main\tv1.0.0\t\ndep\tgolang.org/x/net\tv0.17.0\th1:a=\n',
        }),
      ),
      0o755,
    ),
  ],
  rust: [
    file(
      'app/run',
      elf(() => deflateSync('{"packages":[{"name":"itoa","version":"1.0.1","source":"crates.io"}]}'), {
        section: '.dep-v0',
      }),
      0o755,
    ),
  ],
  php: [
    file('app/vendor/composer/installed.json', '{"packages":[{"name":"monolog/monolog","version":"2.9.1"}]}'),
  ],
  dotnet: [
    file(
      'app/lab.deps.json',
      '{"libraries":{"Newtonsoft.Json/13.0.1":{"type":"package","serviceable":true,"sha512":"x"}}}',
    ),
  ],
};

async function packagesOf(ecosystem: Ecosystem): Promise<readonly IndexedPackage[]> {
  const scan = await scanFiles(LAYERS[ecosystem.id] ?? []);
  return mergeLayers([ecosystem], settleFiles([scan], detectors)).packages;
}

function recordsOf({ package: pkg, environments }: IndexedPackage): IndexRecord[] {
  return environments.flatMap(({ distribution, repositories = [] }) => {
    const record = { package: pkg, ...(distribution && { distribution }) };
    return repositories.length === 0
      ? [record]
      : repositories.map((repository) => ({ ...record, repository }));
  });
}

const findingsOf = (ecosystem: Ecosystem, packages: readonly IndexedPackage[]): Finding[] =>
  packages.flatMap(recordsOf).flatMap((record) => ecosystem.findings(record));

/** Nobody answers. */
const OFFLINE: FeedContext = {
  request: () => Promise.reject(new Error('no network in tests')),
  spool: () => Promise.reject(new Error('no network in tests')),
  problem: () => undefined,
  now: () => new Date(0),
  signal: new AbortController().signal,
};

describe('the list of ecosystems', () => {
  it('has every folder, each once, by its name', () => {
    const folders = readdirSync(join(ROOT, 'src', 'ecosystems'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    assert.deepEqual(ecosystems.map(({ id }) => id).sort(), folders.sort());
  });

  it('has a layer here for each that has packages', () => {
    const withPackages = ecosystems.filter((each) => each.detectors.some(({ kind }) => kind === 'package'));
    assert.deepEqual(Object.keys(LAYERS).sort(), withPackages.map(({ id }) => id).sort());
  });
});

for (const ecosystem of ecosystems.filter(({ id }) => id in LAYERS)) {
  describe(`${ecosystem.id}, from a file to what is looked up`, () => {
    it('finds packages, all of which have something to look up', async () => {
      const packages = await packagesOf(ecosystem);
      assert.ok(packages.length > 0);
      const binaries = packages.filter(({ package: { kind } }) => kind === 'binary');
      assert.ok(findingsOf(ecosystem, binaries).length > 0);
    });

    it('looks up scopes that its feeds cover', async (test) => {
      const scopes = new Set<string>();
      let all = true;
      for (const set of ecosystem.feeds) {
        // Some ask first which releases there are.
        const feeds = await set.feeds(undefined, OFFLINE).catch(() => undefined);
        if (feeds === undefined) all = false;
        for (const feed of feeds ?? []) for (const { key } of feed.scopes) scopes.add(key);
      }
      if (!all) return test.skip('its feeds are only known to those who can ask');
      const { cover } = ecosystem;
      for (const { scope, name } of findingsOf(ecosystem, await packagesOf(ecosystem))) {
        // Of CPEs, the documents of a feed tell which there are.
        const covered = scopes.has(scope) || (cover !== undefined && scope.startsWith(cover.prefix));
        assert.ok(covered, `${name}: ${scope}`);
      }
    });

    it('reads the package URLs that it writes as the same packages', async (test) => {
      const { purl } = ecosystem;
      if (purl === undefined) return test.skip('it has no package URLs');
      let written = 0;
      for (const indexed of await packagesOf(ecosystem)) {
        for (const environment of indexed.environments) {
          const made = purl.toPurl(indexed.package, environment);
          if (made === undefined) continue;
          written++;
          assert.ok(purl.types.includes(made.type), made.type);
          const text = formatPurl(made);
          const read = purl.fromPurl(parsePurl(text)!);
          assert.ok(read, text);
          const { repositories, distribution } = read;
          const again: IndexedPackage = {
            package: read.package,
            environments: [
              {
                ...environment,
                ...(distribution && { distribution }),
                ...(repositories && { repositories }),
              },
            ],
          };
          assert.deepEqual(
            findingsOf(ecosystem, [again]),
            findingsOf(ecosystem, [{ ...indexed, environments: [environment] }]),
            text,
          );
        }
      }
      assert.ok(written > 0);
    });
  });
}
