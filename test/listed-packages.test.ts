/** SBOMs that lie in images: what they name is a package as any other, once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ecosystems } from '../src/ecosystems/index.ts';
import { lookupsOf } from '../src/ecosystems/report-lookups.ts';
import { makeZip, type ZipMember } from '../src/formats/archives/zip.fixture.ts';
import { elf } from '../src/formats/programs/programs.fixture.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import { emptyReport } from '../src/indexer/empty-report.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { IndexReport } from '../src/model/index-report.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';

const PROPERTIES = 'groupId=org.x\nartifactId=lib\nversion=1.0\n';

const file = (name: string, content: string | Buffer = '', mode = 0o644): TarFile => ({
  name,
  content,
  mode,
});

async function reportOf(...layers: (readonly TarFile[])[]): Promise<IndexReport> {
  const scans: LayerScan[] = [];
  for (const layer of layers) scans.push(await scanFiles(layer));
  const merged = mergeLayers(ecosystems, settleFiles(scans, detectors));
  return { ...emptyReport(scans[0]!.layer, 'IndexFinished'), success: true, ...merged };
}

/** The packages with what is looked up for each, and what was not read. */
async function told(...layers: (readonly TarFile[])[]): Promise<string[]> {
  const report = await reportOf(...layers);
  const { lookups } = lookupsOf(report, ecosystems);
  return [
    ...report.packages.map(({ package: { name, version, detector }, environments }, position) => {
      const scopes = lookups
        .filter(({ packages }) => packages.includes(position))
        .map(({ lookup }) => lookup.scope);
      const where = environments.map(({ packageDb }) => packageDb).join('+');
      return `${detector?.split(':')[0]} ${name} ${version} [${[...new Set(scopes)]}] ${where}`;
    }),
    ...report.problems
      .filter(({ kind }) => kind !== 'note')
      .map(({ where, kind = 'unread' }) => `! ${kind} ${where}`),
  ];
}

interface Written {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly type?: string;
  readonly evidence?: object;
}

const cyclonedx = (...components: Written[]): string =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'container', name: 'image', version: 'sha256:0' } },
    components: components.map((each) => ({ type: 'library', ...each })),
  });
const spdx = (...purls: string[]): string =>
  JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: purls.map((purl, index) => ({
      SPDXID: `SPDXRef-${index}`,
      name: 'lab',
      versionInfo: '1',
      externalRefs: [{ referenceType: 'purl', referenceLocator: purl }],
    })),
  });
const NPM = 'pkg:npm/lodash@4.17.20';
const lodash = cyclonedx({ name: 'lodash', version: '4.17.20', purl: NPM });
const installed = file(
  'srv/node_modules/lodash/package.json',
  JSON.stringify({ name: 'lodash', version: '4.17.20' }),
);
const SITE = 'usr/lib/python3.12/site-packages';
const SBOM = 'usr/share/sbom/app.cdx.json';
const release = file('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
const statusOf = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\nMaintainer: Debian <a@lists.debian.org>\n`;
const LODASH = (where: string): string => `nodejs lodash 4.17.20 [npm] sbom:${where}`;

describe('an SBOM in an image', () => {
  const places: [path: string, text: string][] = [
    ['usr/share/sbom/app.spdx.json', spdx(NPM)],
    ['var/lib/db/sbom/app-1.spdx.json', spdx(NPM)],
    ['opt/docker/sbom/app/sbom.spdx.json', spdx(NPM)],
    ['opt/app/sbom', lodash],
    ['opt/app/lib/sbom-1.json', lodash],
    [`${SITE}/lab-1.0.dist-info/sboms/auditwheel.cdx.json`, lodash],
    [`${SITE}/lab-1.0.dist-info/sboms/any`, lodash],
    ['app/bom.json', lodash],
    ['app/lab.bom.json', lodash],
    ['app/x.cdx', lodash],
    ['app/x.spdx', `SPDXVersion: SPDX-2.3\nPackageName: lodash\nExternalRef: PACKAGE-MANAGER purl ${NPM}\n`],
    [
      'app/bom.xml',
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library"><name>lodash</name><version>4.17.20</version><purl>${NPM}</purl></component></components></bom>`,
    ],
    [
      'app/x.sbom.json',
      JSON.stringify({
        payloadType: 'application/vnd.in-toto+json',
        payload: Buffer.from(
          JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', predicate: JSON.parse(lodash) }),
        ).toString('base64'),
      }),
    ],
  ];
  for (const [path, text] of places)
    it(`is read at ${path}`, async () => assert.deepEqual(await told([file(path, text)]), [LODASH(path)]));

  const cases: [what: string, layers: TarFile[][], want: string[]][] = [
    [
      'names what is installed, which counts once',
      [[file(SBOM, lodash), installed]],
      ['nodejs lodash 4.17.20 [npm] nodejs:srv/node_modules/lodash/package.json'],
    ],
    [
      'names what another layer has installed',
      [[file(SBOM, lodash)], [installed]],
      ['nodejs lodash 4.17.20 [npm] nodejs:srv/node_modules/lodash/package.json'],
    ],
    [
      'names another version than that which is installed',
      [
        [
          file(SBOM, lodash),
          file('a/node_modules/lodash/package.json', '{"name":"lodash","version":"4.17.21"}'),
        ],
      ],
      ['nodejs lodash 4.17.21 [npm] nodejs:a/node_modules/lodash/package.json', LODASH(SBOM)],
    ],
    [
      'names in another spelling what is installed',
      [
        [
          file(SBOM, spdx('pkg:pypi/zope.interface@5.0')),
          file(
            `${SITE}/zope_interface-5.0.dist-info/METADATA`,
            'Metadata-Version: 2.1\nName: zope-interface\nVersion: 5.0\n\n',
          ),
        ],
      ],
      [`python zope-interface 5.0 [pypi] python:${SITE}`],
    ],
    [
      'in two places is one package',
      [[file('a/bom.json', lodash), file('b/bom.json', lodash)]],
      [`${LODASH('a/bom.json')}+sbom:b/bom.json`],
    ],
    ['that is removed is gone', [[file(SBOM, lodash)], [file('usr/share/sbom/.wh.app.cdx.json')]], []],
    ['whose folder is removed is gone', [[file(SBOM, lodash)], [file('usr/share/.wh.sbom')]], []],
    ['that is replaced is gone', [[file(SBOM, lodash)], [file(SBOM, cyclonedx())]], []],
    [
      "of the distribution's own package is the distribution's",
      [
        [
          release,
          file('var/lib/dpkg/status', statusOf('lab', '1.0-1')),
          file('var/lib/dpkg/info/lab.list', `/${SBOM}\n`),
          file(SBOM, lodash),
        ],
      ],
      ['dpkg lab 1.0-1 [debian:12] var/lib/dpkg/status'],
    ],
    [
      'names a package that the database has',
      [
        [
          release,
          file('var/lib/dpkg/status', statusOf('curl', '7.88-1')),
          file(SBOM, spdx('pkg:deb/debian/curl@7.88-1?arch=amd64')),
        ],
      ],
      ['dpkg curl 7.88-1 [debian:12] var/lib/dpkg/status'],
    ],
    [
      'names packages of an image without a database, which may be not all',
      [[release, file(SBOM, spdx('pkg:deb/debian/curl@7.88-1'))]],
      [`dpkg curl 7.88-1 [debian:12] sbom:${SBOM}`, '! unread '],
    ],
    [
      'names packages of another distribution',
      [[release, file(SBOM, spdx('pkg:rpm/almalinux/libffi@3.1-24.el8?distro=almalinux-8'))]],
      [`rpm libffi 3.1-24.el8 [almalinux:8] sbom:${SBOM}`],
    ],
    [
      'names packages of the distribution that it says it is of, which has no release',
      [
        [
          file(
            SBOM,
            cyclonedx(
              { name: 'wolfi', version: '', type: 'operating-system' },
              { name: 'zlib', version: '1.3-r0', purl: 'pkg:apk/wolfi/zlib@1.3-r0' },
            ),
          ),
        ],
      ],
      [`apk zlib 1.3-r0 [wolfi] sbom:${SBOM}`],
    ],
    [
      'of a wheel names libraries whose versions say the release',
      [
        [
          release,
          file(
            `${SITE}/lab-1.0.dist-info/sboms/auditwheel.cdx.json`,
            cyclonedx({
              name: 'libffi',
              version: '3.1-24.el8_10',
              purl: 'pkg:rpm/almalinux/libffi@3.1-24.el8_10',
            }),
          ),
        ],
      ],
      [`rpm libffi 3.1-24.el8_10 [almalinux:8] sbom:${SITE}/lab-1.0.dist-info/sboms/auditwheel.cdx.json`],
    ],
    [
      'names what nobody has advisories of',
      [
        [
          file(
            SBOM,
            cyclonedx(
              { name: 'x', version: '1', purl: 'pkg:huggingface/a/x@1' },
              { name: 'own', version: '2' },
            ),
          ),
        ],
      ],
      [`sbom-unknown own 2 [] sbom:${SBOM}`, `sbom-huggingface x 1 [] sbom:${SBOM}`],
    ],
    [
      "of a component of Bitnami's has libraries in it beside that",
      [[file('opt/bitnami/redis/.spdx-redis.spdx', spdx('pkg:bitnami/redis@7.0.11-1', NPM))]],
      [
        LODASH('opt/bitnami/redis/.spdx-redis.spdx'),
        'bitnami redis 7.0.11 [bitnami] bitnami:opt/bitnami/redis/.spdx-redis.spdx',
      ],
    ],
    ['that names nothing', [[file(SBOM, cyclonedx())]], []],
    ['that describes an image', [[file(SBOM, spdx('pkg:oci/lab@sha256%3A0'))]], []],
    ['that cannot be read is told', [[file(SBOM, '{"cut')]], [`! unread-inventory ${SBOM}`]],
    [
      'in a format that is not read is told',
      [[file('a.spdx.yaml', 'spdxVersion: SPDX-2.3\n')]],
      ['! unread-inventory a.spdx.yaml'],
    ],
    [
      'that is compressed',
      [[file('a/sbom.json.gz', gzipSync(lodash))]],
      ['nodejs lodash 4.17.20 [npm] sbom:a/sbom.json.gz'],
    ],
    [
      'that is compressed and cut is told',
      [[file('a/sbom.json.gz', gzipSync(lodash).subarray(0, -9))]],
      ['! unread-inventory a/sbom.json.gz'],
    ],
    [
      'is cut, by a common name',
      [[file('a/bom.json', `${lodash.slice(0, -9)}`)]],
      ['! unread-inventory a/bom.json'],
    ],
    ['has a name only', [[file('a/bom.json', '{"text":"\\ufeff"}'), file('a/sebom.xml', '<a/>')]], []],
    [
      'of how a package of npm was made says nothing of the image',
      [[file('a/node_modules/b/bom.json', lodash)]],
      [],
    ],
    ['among inputs of tests', [[file('a/testdata/bom.json', lodash)]], []],
    [
      'has a malformed package URL',
      [[file(SBOM, cyclonedx({ name: 'x', version: '1', purl: 'pkg:' }))]],
      [`sbom-unknown x 1 [] sbom:${SBOM}`, `! unread ${SBOM}`],
    ],
  ];
  for (const [what, layers, want] of cases)
    it(what, async () => assert.deepEqual((await told(...layers)).sort(), want.sort()));

  it('and gems in archives of Java are of the ecosystem of Ruby, and go with their archive', async () => {
    const gemspec = 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.2.3"\nend\n';
    const jar = (...more: ZipMember[]) =>
      makeZip({
        members: [{ name: 'META-INF/maven/org.x/lib/pom.properties', content: PROPERTIES }, ...more],
      });
    const name = 'META-INF/jruby.home/specifications/rack-2.2.3.gemspec';
    const [archive, without] = [jar({ name, content: gemspec }), jar()];
    const library = 'java org.x:lib 1.0 [maven] maven:app/lib.jar';
    const gem = `ruby rack 2.2.3 [rubygems] ruby:app/lib.jar:${name}`;
    const installed = file('usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.3.gemspec', gemspec);
    assert.deepEqual(await told([file('app/lib.jar', archive)]), [library, gem]);
    assert.deepEqual(await told([file('app/lib.jar', archive)], [file('app/lib.jar', without)]), [library]);
    assert.deepEqual(
      (await told([file('app/lib.jar', archive), installed])).filter((line) => line.startsWith('ruby ')),
      [`ruby rack 2.2.3 [rubygems] ruby:${installed.name}`],
    );
  });

  it('does not hide the distribution that nobody reads', async () => {
    const { distributions } = await reportOf([
      file('etc/os-release', 'ID=lab\nPRETTY_NAME="Lab OS"\n'),
      file(SBOM, spdx('pkg:rpm/almalinux/libffi@3.1-24.el8?distro=almalinux-8')),
    ]);
    assert.deepEqual(
      distributions.map(({ did }) => did),
      ['lab', 'almalinux'],
    );
  });

  it('accounts for the files that it says its packages have', async () => {
    const program = (name: string) =>
      file(
        name,
        elf(() => Buffer.from('x'), { section: '.symtab' }),
        0o755,
      );
    const listing = cyclonedx({
      name: 'lab',
      version: '1',
      purl: 'pkg:generic/lab@1',
      evidence: { occurrences: [{ location: '/opt/lab/bin/lab' }] },
    });
    const ofSpdx = JSON.stringify({
      spdxVersion: 'SPDX-2.3',
      packages: [{ SPDXID: 'SPDXRef-a', name: 'lab', versionInfo: '1', hasFiles: ['SPDXRef-f'] }],
      files: [
        { SPDXID: 'SPDXRef-f', fileName: './opt/lab/bin/two' },
        { SPDXID: 'SPDXRef-g', fileName: './opt/lab/bin/three' },
      ],
    });
    const { ledger } = await reportOf([
      file('opt/lab/sbom.json', listing),
      file('opt/lab/lab.spdx.json', ofSpdx),
      ...['lab', 'two', 'three'].map((name) => program(`opt/lab/bin/${name}`)),
    ]);
    assert.equal(ledger?.accounts.inventory.files, 2);
    assert.deepEqual(
      ledger?.unaccounted.map(({ path }) => path),
      ['opt/lab/bin/three'],
    );
  });
});
