/** Package URLs as other tools write them: they are looked up like our own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../ecosystems/index.ts';
import { lookupsOf } from '../ecosystems/report-lookups.ts';
import { readSbom } from './read-sbom.ts';

/** What is looked up for one component. */
function lookups(purl: string, name = 'n', more: object = {}): string[] {
  const components = [{ type: 'library', name, version: '', purl, ...more }];
  const json = { bomFormat: 'CycloneDX', specVersion: '1.5', components };
  const { report } = readSbom(Buffer.from(JSON.stringify(json)), 'x', ecosystems);
  assert.deepEqual(report.problems, []);
  return lookupsOf(report, ecosystems)
    .lookups.map(({ lookup }) => JSON.stringify(lookup))
    .sort();
}

const DEB = 'pkg:deb/debian/lib@1.0-1?arch=amd64&distro=debian-12&upstream=src%401.0-1';
const RPM =
  'pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rocky-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm';
const APK = 'pkg:apk/alpine/libssl3@3.1.4-r0?arch=x86_64&distro=alpine-3.18&upstream=openssl';
const MODULAR =
  'pkg:rpm/almalinux/nodejs@20.9.0-1.module_el8.9.0%2B3700%2Baaaa?arch=x86_64&distro=almalinux-8.9&epoch=1&rpmmod=nodejs%3A20';
const GO = 'pkg:golang/github.com/Masterminds/goutils@v1.1.0';
const STDLIB = 'pkg:golang/stdlib@1.19.8';

/** By tool and what is particular; `own`: how we write the same. */
const cases: [tool: string, dialect: string, own: string, name?: string][] = [
  ['Syft', 'pkg:deb/debian/lib@1.0-1?arch=amd64&distro=debian-12&upstream=src', DEB],
  ['Trivy', `${DEB.replace('debian-12', 'debian-12.5')}`, DEB],
  ['OSV-SCALIBR, code name', 'pkg:deb/debian/lib@1.0-1?arch=amd64&distro=bookworm&sourcename=src', DEB],
  [
    'OSV-SCALIBR, source',
    'pkg:deb/debian/lib@1.0-1?arch=amd64&distro=bookworm&source=src&sourceversion=1.0-1',
    DEB,
  ],
  ['the architecture in the name', DEB.replace('lib@', 'lib%3Aamd64@'), DEB],
  ['Syft, a platform', 'pkg:gem/nokogiri@1.16.0-x86_64-linux-gnu', 'pkg:gem/nokogiri@1.16.0'],
  ['code name', DEB.replace('debian-12', 'debian-bookworm'), DEB],
  ['a colon', DEB.replace('debian-12', 'debian:12'), DEB],
  ['nothing between name and number', DEB.replace('debian-12', 'debian12'), DEB],
  ['a colon', RPM.replace('rocky-9.3', 'rocky:9.3'), RPM],
  ['nothing between name and number', RPM.replace('rocky-9.3', 'rocky9'), RPM],
  ['the release in the version', RPM.replace('distro=rocky-9.3&', ''), RPM],
  ['the same of Fedora', 'pkg:rpm/fedora/lib@1-1.fc41', 'pkg:rpm/fedora/lib@1-1.fc41?distro=fedora-41'],
  [
    'the same of Amazon Linux',
    'pkg:rpm/amzn/lib@1-1.amzn2023.0.1',
    'pkg:rpm/amzn/lib@1-1.amzn2023.0.1?distro=amzn-2023',
  ],
  ['a colon', APK.replace('alpine-3.18', 'alpine:3.18'), APK],
  ['Wolfi, which has no releases', 'pkg:apk/wolfi/lib@1-r0', 'pkg:apk/wolfi/lib@1-r0?distro=wolfi-20230201'],
  ['Arch Linux, which has none', 'pkg:alpm/arch/lib@1-1', 'pkg:alpm/arch/lib@1-1?distro=arch'],
  ['number alone', DEB.replace('debian-12', '12'), DEB],
  [
    'Docker Scout',
    'pkg:deb/debian/lib@1.0-1?arch=amd64&os_distro=bookworm&os_name=debian&os_version=12&upstream=src',
    DEB,
  ],
  [
    'Docker Scout, code name alone',
    'pkg:deb/debian/lib@1.0-1?arch=amd64&os_distro=bookworm&os_name=debian&upstream=src',
    DEB,
  ],
  ['OSV-SCALIBR', RPM.replace('upstream=', 'sourcerpm='), RPM],
  ['Syft', MODULAR.replace('nodejs%3A20', 'nodejs%3A20%3A8090020240101%3Aabcd'), MODULAR],
  [
    'Trivy',
    MODULAR.replace('rpmmod=nodejs%3A20', 'modularitylabel=nodejs%3A20%3A8090020240101%3Aabcd'),
    MODULAR,
  ],
  ['Trivy, names of distributions', MODULAR.replaceAll('almalinux', 'alma'), MODULAR],
  ['Syft', APK.replace('alpine-3.18', 'alpine-3.18.4'), APK],
  ['OSV-SCALIBR', 'pkg:apk/alpine/libssl3@3.1.4-r0?arch=x86_64&distro=3.18.4&origin=openssl', APK],
  [
    'Docker Scout',
    'pkg:alpine/libssl3@3.1.4-r0?arch=x86_64&os_name=alpine&os_version=3.18&upstream=openssl',
    APK,
  ],
  ['a branch of Alpine', APK.replace('alpine-3.18', 'alpine-v3.18'), APK],
  ['a branch of Alpine alone', APK.replace('alpine-3.18', 'v3.18'), APK],
  [
    'OSV-SCALIBR, Ubuntu',
    'pkg:deb/ubuntu/lib@1.0-1?distro=jammy',
    'pkg:deb/ubuntu/lib@1.0-1?distro=ubuntu-22.04',
  ],
  [
    'a code name of Ubuntu',
    'pkg:deb/ubuntu/lib@1.0-1?distro=ubuntu-noble',
    'pkg:deb/ubuntu/lib@1.0-1?distro=ubuntu-24.04',
  ],
  [
    'Trivy, Amazon Linux',
    'pkg:rpm/amazon/lib@1-1?distro=amazon-2023.3.20240219',
    'pkg:rpm/amzn/lib@1-1?distro=amzn-2023',
  ],
  [
    'Trivy, the first Amazon Linux',
    'pkg:rpm/amazon/lib@1-1?distro=amazon-2018.03',
    'pkg:rpm/amzn/lib@1-1?distro=amzn-2018.03',
  ],
  ['a service pack', 'pkg:rpm/suse/lib@1-1?distro=sles-15-SP5', 'pkg:rpm/sles/lib@1-1?distro=sles-15.5'],
  [
    'Trivy, SLE Micro',
    'pkg:rpm/suse/lib@1-1?distro=suse%20linux%20enterprise%20micro-5.5',
    'pkg:rpm/sle-micro/lib@1-1?distro=sle-micro-5.5',
  ],
  ['lower case', GO.toLowerCase(), GO],
  ['lower case, with the path beside', GO.toLowerCase(), GO, 'github.com/Masterminds/goutils'],
  [
    'Syft, path cut',
    'pkg:golang/github.com/cespare/xxhash@v2.1.0#v2',
    'pkg:golang/github.com/cespare/xxhash/v2@v2.1.0',
  ],
  [
    'Syft, path cut, with the path beside',
    'pkg:golang/github.com/hashicorp/vault@v1.2.0#api',
    'pkg:golang/github.com/hashicorp/vault/api@v1.2.0',
    'github.com/hashicorp/vault/api',
  ],
  [
    'cyclonedx-gomod, a package in a module',
    'pkg:golang/github.com/hashicorp/vault@v1.2.0?type=package&goos=linux#api',
    'pkg:golang/github.com/hashicorp/vault@v1.2.0',
    'github.com/hashicorp/vault/api',
  ],
  ['cyclonedx-gomod', 'pkg:golang/std@go1.19.8?type=module&goos=linux', STDLIB, 'std'],
  ['Trivy', 'pkg:golang/stdlib@v1.19.8', STDLIB],
  ['the toolchain as a module', 'pkg:golang/go@1.19.8', STDLIB],
  ['Trivy, candidate', 'pkg:golang/stdlib@v1.26.0-rc.1', 'pkg:golang/stdlib@1.26.0-rc.1'],
  ['no @ of the scope', 'pkg:npm/lab/teapot@1.2.3', 'pkg:npm/%40lab/teapot@1.2.3'],
  ['scope not encoded', 'pkg:npm/@lab/teapot@1.2.3', 'pkg:npm/%40lab/teapot@1.2.3'],
  ['slash encoded', 'pkg:npm/%40lab%2Fteapot@1.2.3', 'pkg:npm/%40lab/teapot@1.2.3'],
  ['Syft', 'pkg:maven/org.a/b@1?type=jar', 'pkg:maven/org.a/b@1'],
  ['group as a path', 'pkg:maven/org/a/b@1', 'pkg:maven/org.a/b@1'],
  ['other case and separators', 'pkg:pypi/Foo_Bar@1', 'pkg:pypi/foo-bar@1'],
];

describe('package URLs of other tools', () => {
  for (const [tool, dialect, own, name] of cases) {
    it(`${tool}: ${dialect}`, () => {
      const want = lookups(own);
      assert.ok(want.length > 0, own);
      assert.deepEqual(lookups(dialect, name), want);
    });
  }

  it('keeps the path of a Go module as the document has it', () => {
    const components = [{ type: 'library', name: 'github.com/Masterminds/goutils', purl: GO.toLowerCase() }];
    const json = { bomFormat: 'CycloneDX', specVersion: '1.5', components };
    const { report } = readSbom(Buffer.from(JSON.stringify(json)), 'x', ecosystems);
    assert.equal(report.packages[0]?.package.name, 'github.com/Masterminds/goutils');
  });
  it('takes a candidate of Go for older than its release', () => {
    const version = (text: string) => JSON.parse(lookups(`pkg:golang/stdlib@${text}`)[0]!).version as string;
    assert.deepEqual(['go1.26rc1', 'v1.26.0-rc.1', '1.26.0-rc.1-acme', '1.21.3-acme'].map(version), [
      '1.26rc1',
      '1.26.0-rc.1',
      '1.26.0-rc.1',
      '1.21.3',
    ]);
  });
  it('reads a reference of SPDX as a URI', () => {
    const externalRefs = [{ referenceType: 'http://spdx.org/rdf/references/purl', referenceLocator: DEB }];
    const spdx = { spdxVersion: 'SPDX-2.2', packages: [{ SPDXID: 'a', name: 'lib', externalRefs }] };
    const { report } = readSbom(Buffer.from(JSON.stringify(spdx)), 'x', ecosystems);
    assert.equal(report.packages[0]?.package.source?.name, 'src');
  });
});
