import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from './read-document.ts';

const [SAFE, LODASH] = ['pkg:npm/safe@1.0.0', 'pkg:npm/lodash@4.17.20'];

/** Package URLs and problems of a document. */
function read(document: unknown): { purls: string[]; problems: string[] } {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const { components, problems } = readDocument(Buffer.from(text), 'lab');
  return {
    purls: components.flatMap(({ purl }) => purl || []),
    problems: problems.map(({ where, reason }) => `${where}: ${reason}`),
  };
}

const reference = (referenceLocator: string) => ({
  referenceCategory: 'PACKAGE-MANAGER',
  referenceType: 'purl',
  referenceLocator,
});
const spdx = (...purls: string[]) => ({
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  packages: [{ SPDXID: 'SPDXRef-a', name: 'a', versionInfo: '1', externalRefs: purls.map(reference) }],
});
const spdx3 = (...purls: string[]) => ({
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'CreationInfo', '@id': '_:c', specVersion: '3.0.1' },
    {
      type: 'software_Package',
      spdxId: 'urn:a',
      name: 'a',
      externalIdentifier: purls.map((identifier) => ({ externalIdentifierType: 'packageUrl', identifier })),
    },
  ],
});
const TAGS = `SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
PackageName: a
PackageVersion: 1
ExternalRef: PACKAGE-MANAGER purl ${SAFE}
ExternalRef: PACKAGE-MANAGER purl ${LODASH}
`;

describe('a package of an SBOM with several package URLs', () => {
  it('is each of them in SPDX', () => {
    assert.deepEqual(read(spdx(SAFE, LODASH)).purls, [SAFE, LODASH]);
    assert.deepEqual(read(spdx3(SAFE, LODASH)).purls, [SAFE, LODASH]);
    assert.deepEqual(read(TAGS).purls, [SAFE, LODASH]);
  });
  it('is one where they differ in qualifiers alone', () => {
    assert.deepEqual(read(spdx(SAFE, `${SAFE}?type=tgz`)).purls, [SAFE]);
    assert.deepEqual(read(spdx(LODASH)).purls, [LODASH]);
  });
});

describe('an SBOM that does not have everything', () => {
  it('says so where a text of tag-value does not end', () =>
    assert.deepEqual(read(TAGS.replace('PackageVersion: 1', 'PackageComment: <text>1')).problems, [
      'PackageComment: the text does not end: nothing after it is read',
    ]));
  it('says so by the compositions of CycloneDX', () => {
    const document = (aggregate: string) => ({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      components: [{ type: 'library', name: 'a', version: '1', purl: SAFE }],
      compositions: [{ aggregate }],
    });
    assert.deepEqual(read(document('complete')).problems, []);
    assert.deepEqual(read(document('incomplete_third_party_only')).problems, [
      'compositions[0]: the document says that it does not list everything',
    ]);
  });
});
