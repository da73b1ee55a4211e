/** What statements of VEX documents may be about: components of a scanned SBOM by all their names, images by index and name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import { toWire } from '../../model/index-report-wire.ts';
import { readSbom } from '../../sbom/read-sbom.ts';
import { readVex } from '../../vex/read-vex.ts';
import { formatInput } from '../formats/format-input.ts';
import { scanResult } from '../outcome/scan-result.fixture.ts';
import { matchesOf } from '../outcome/scan-result.ts';
import { imageIdentity } from './scanned-image.ts';
import { select } from './selection.ts';
import { vexRules } from './vex-rules.ts';

const SERIAL = '00000000-0000-4000-8000-000000000001';
const NOW = new Date(0);
const CVE = 'CVE-2099-1';

const openVex = (...ids: string[]) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  statements: ids.map((id) => ({ vulnerability: CVE, products: [{ '@id': id }], status: 'not_affected' })),
});
const cycloneDx = (ref: string, components: object[] = []) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  components,
  vulnerabilities: [{ id: CVE, analysis: { state: 'not_affected' }, affects: [{ ref }] }],
});

/** Which of the components of an SBOM with these package URLs a document suppresses, and what it is told of the rest. */
function suppressed(purls: readonly string[], document: object, described: object = {}) {
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${SERIAL}`,
    version: 2,
    metadata: {
      component: { 'bom-ref': 'root', type: 'container', name: 'registry.test/team/app:1', ...described },
    },
    components: purls.map((purl, n) => ({ type: 'library', 'bom-ref': `ref-${n}`, name: 'n', purl })),
  };
  const { report, names } = readSbom(Buffer.from(JSON.stringify(sbom)), 'x', ecosystems);
  const { packages, ...wire } = toWire(report);
  const result = scanResult({
    target: { name: 'x', kind: 'sbom' },
    names: { indexes: [], names: ['registry.test/team/app:1'], sbom: names },
    report: {
      ...scanResult().report,
      ...wire,
      packages,
      findings: Object.keys(packages).map((id) => ({
        package: id,
        name: CVE,
        vulnerabilities: [],
        severity: 'High',
      })),
    },
  });
  const file = { path: 'vex.json', ...readVex(JSON.stringify(document), 'vex.json') };
  assert.deepEqual(file.problems, []);
  const suppressors = [vexRules([file], imageIdentity(result))];
  const { view } = formatInput(
    {
      result,
      matches: matchesOf(result.report, ecosystems),
      ecosystems,
      now: NOW,
      select: (findings) => select(findings, { onlyFixed: false, suppressors }),
    },
    NOW,
  );
  return { refs: view.suppressed.map((each) => each.package), notices: view.notices };
}

const DEB = 'pkg:deb/debian/lab-bin@1.0-1?arch=amd64&distro=debian-12&upstream=lab-src';
const RPM = 'pkg:rpm/redhat/openssl@3.0.7-24.el9?arch=x86_64&distro=redhat-9.3&epoch=1';
const NPM = 'pkg:npm/lodash@4.17.20';
const GO = 'pkg:golang/github.com/masterminds/goutils@v1.1.0';

describe('a VEX statement is about', () => {
  const cases: [what: string, purls: string[], document: object, want: number][] = [
    ...[DEB, RPM, NPM, GO].map((purl): [string, string[], object, number] => [
      `the very package URL ${purl}`,
      [purl],
      openVex(purl),
      1,
    ]),
    ['a point release of the distribution', [DEB], openVex(DEB.replace('debian-12', 'debian-12.5')), 1],
    [
      'another tool’s qualifiers',
      [DEB],
      openVex('pkg:deb/debian/lab-bin@1.0-1?distro=12&sourcename=lab-src'),
      1,
    ],
    ['the source package', [DEB], openVex('pkg:deb/debian/lab-src?distro=debian-12'), 1],
    ['another release', [DEB], openVex(DEB.replace('debian-12', 'debian-11')), 0],
    ['an unknown release', [DEB], openVex(DEB.replace('debian-12', 'debian-nowhere')), 0],
    ['another version', [DEB], openVex(DEB.replace('1.0-1', '1.0-2')), 0],
    ['another name of the vendor', [RPM], openVex('pkg:rpm/rhel/openssl@3.0.7-24.el9'), 1],
    ['a type that says nothing', ['pkg:maven/a/b@1'], openVex('pkg:maven/a/b@1?type=jar'), 1],
    ['a bom-ref', [NPM], cycloneDx('ref-0'), 1],
    ['another bom-ref', [NPM], cycloneDx('ref-1'), 0],
    ['one of two', [NPM, GO], cycloneDx('ref-1'), 1],
    ['a BOM-Link', [NPM], cycloneDx(`urn:cdx:${SERIAL}/2#ref-0`), 1],
    ['a BOM-Link in upper case', [NPM], cycloneDx(`urn:cdx:${SERIAL.toUpperCase()}/2#ref-0`), 1],
    ['a BOM-Link of another version', [NPM], cycloneDx(`urn:cdx:${SERIAL}/1#ref-0`), 0],
    ['a BOM-Link of another document', [NPM], cycloneDx(`urn:cdx:${SERIAL.replace('1', '2')}/2#ref-0`), 0],
    ['a BOM-Link of OpenVEX', [NPM], openVex(`urn:cdx:${SERIAL}/2#ref-0`), 1],
    ['the document', [NPM, GO], cycloneDx(`urn:cdx:${SERIAL}/2`), 2],
    ['what the document describes', [NPM, GO], cycloneDx('root'), 2],
    ['a component of its own', [NPM], cycloneDx('ref-0', [{ 'bom-ref': 'ref-0', purl: GO }]), 0],
    ['the image by its name alone', [NPM], openVex('pkg:oci/app'), 1],
    ['another image', [NPM], openVex('pkg:oci/other'), 0],
  ];
  for (const [what, purls, document, want] of cases) {
    it(what, () => {
      const { refs, notices } = suppressed(purls, document);
      assert.equal(refs.length, want);
      assert.equal(notices.length, want === 0 ? 1 : 0, notices.join('\n'));
    });
  }

  const app = { type: 'application', name: 'app', purl: 'pkg:npm/app@1.0.0' };
  const part = (id: string, ...subcomponents: string[]) => ({
    ...openVex(),
    statements: [
      {
        vulnerability: CVE,
        products: [{ '@id': id, subcomponents: subcomponents.map((each) => ({ '@id': each })) }],
        status: 'not_affected',
      },
    ],
  });
  const applications: [what: string, document: object, want: readonly string[]][] = [
    ['with all that is in it', openVex('pkg:npm/app@1.0.0'), ['app', 'lodash']],
    ['in any version', openVex('pkg:npm/app'), ['app', 'lodash']],
    ['and a part of it', part('pkg:npm/app@1.0.0', NPM), ['lodash']],
    ['and what is no part of it', part('pkg:npm/app@1.0.0', 'pkg:npm/gone'), []],
    ['in another version', part('pkg:npm/app@2.0.0', NPM), []],
    ['of another name', part('pkg:npm/other@1.0.0', NPM), []],
    ['that is an image elsewhere', openVex('pkg:oci/app?repository_url=other.test/app'), []],
  ];
  for (const [what, document, want] of applications)
    it(`the application that the document describes, ${what}`, () => {
      assert.deepEqual(suppressed([NPM], document, app).refs.sort(), want);
    });
  it('no image of another registry', () => {
    const image = { purl: 'pkg:oci/app@sha256:abc?repository_url=registry.test/team/app' };
    assert.deepEqual(suppressed([NPM], openVex('pkg:oci/app?repository_url=other.test/app'), image).refs, []);
  });

  it('nothing, and says of each which', () => {
    const { notices } = suppressed([NPM], openVex(NPM, 'pkg:oci/other', 'pkg:npm/gone'));
    assert.deepEqual(notices, [
      'vex.json: statements[1]: CVE-2099-1 of pkg:oci/other matches no finding. Remove it',
      'vex.json: statements[2]: CVE-2099-1 of pkg:npm/gone matches no finding. Remove it',
    ]);
    const many = suppressed([NPM], openVex(...Array.from({ length: 30 }, (_, n) => `pkg:npm/gone-${n}`)));
    assert.equal(many.notices.length, 21);
    assert.match(many.notices.at(-1) ?? '', /^10 more VEX statements/);
  });

  it('the same in an attestation', () => {
    const payload = Buffer.from(JSON.stringify({ _type: 'x', predicate: openVex(NPM) })).toString('base64');
    assert.equal(suppressed([NPM], { payloadType: 'application/vnd.in-toto+json', payload }).refs.length, 1);
  });
});
