/** For tests: one image as each format of SBOMs writes it, and the envelopes that documents come in. */
import type { IndexReport } from '../model/index-report.ts';

export const HASH = 'a'.repeat(64);
export const LAYER = 'b'.repeat(64);

const DEB = 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl';
export const NPM = 'pkg:npm/%40lab/teapot@1.2.3';
export const ELSEWHERE = 'pkg:bitbucket/example.com/lab@1.0';

/** As Syft writes: the digest is the version, the layer is a property. */
export const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'container', name: 'lab/image', version: `sha256:${HASH}` } },
  components: [
    {
      type: 'operating-system',
      'bom-ref': 'os',
      name: 'debian',
      version: '12',
      properties: [{ name: 'syft:distro:id', value: 'debian' }],
    },
    {
      type: 'library',
      'bom-ref': 'a',
      name: 'libssl3',
      version: '3.0.11-1',
      purl: DEB,
      properties: [
        { name: 'syft:location:0:layerID', value: `sha256:${LAYER}` },
        { name: 'syft:location:0:path', value: '/var/lib/dpkg/status' },
      ],
    },
    {
      type: 'application',
      name: 'app/package-lock.json',
      components: [{ type: 'library', group: '@lab', name: 'teapot', version: '1.2.3', purl: NPM }],
    },
    { type: 'library', name: 'lab', version: '1.0', purl: ELSEWHERE },
    { type: 'file', name: '/etc/passwd' },
  ],
};

/** What documents come in (DSSE v1, in-toto Statement v1, Sigstore bundle v0.3, GitHub's API, Unicode's byte order marks). */
export const wrappings: [what: string, wrap: (text: string) => Buffer][] = (() => {
  const predicateOf = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : text);
  const statement = (predicate: unknown) => ({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://cyclonedx.org/bom',
    subject: [{ name: 'x', digest: { sha256: HASH } }],
    predicate,
  });
  const dsse = (payload: unknown) => ({
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64'),
    signatures: [],
  });
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const swapped = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  return [
    ['in a statement', (text) => json(statement(predicateOf(text)))],
    ['in a statement of older tools', (text) => json(statement({ Data: predicateOf(text) }))],
    ['in an envelope', (text) => json(dsse(statement(predicateOf(text))))],
    ['in an envelope of its own', (text) => json(dsse(text))],
    ['in a bundle', (text) => json({ mediaType: 'x', dsseEnvelope: dsse(statement(predicateOf(text))) })],
    ['in UTF-16 LE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['in UTF-16 BE', swapped],
    ['in UTF-16 without a mark', (text) => Buffer.from(text, 'utf16le')],
    ['after blanks', (text) => Buffer.from(`\n \n${text}`)],
  ];
})();

export const namesOf = ({ packages }: IndexReport): string[] =>
  packages.map(({ package: { name, version, source } }) => `${name} ${version} ${source?.name}`);

export const SPDX = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  packages: [
    {
      SPDXID: 'SPDXRef-image',
      name: 'lab/image',
      versionInfo: `sha256:${HASH}`,
      primaryPackagePurpose: 'CONTAINER',
    },
    { SPDXID: 'SPDXRef-os', name: 'debian', versionInfo: '12.5', primaryPackagePurpose: 'OPERATING-SYSTEM' },
    ...[DEB, NPM, ELSEWHERE].map((purl, index) => ({
      SPDXID: `SPDXRef-${index}`,
      name: ['libssl3', '@lab/teapot', 'lab'][index],
      versionInfo: ['3.0.11-1', '1.2.3', '1.0'][index],
      ...(index === 0 && { attributionTexts: [`LayerDiffID: sha256:${LAYER}`] }),
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    })),
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-image' },
  ],
};

export const TAGS = `SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>over
PackageName: not-a-package
lines</text>

PackageName: lab/image
SPDXID: SPDXRef-image
PackageVersion: sha256:${HASH}
PrimaryPackagePurpose: CONTAINER
${SPDX.packages
  .slice(1)
  .map(
    (each) => `
PackageName: ${each.name}
SPDXID: ${each.SPDXID}
PackageVersion: ${each.versionInfo}
${'primaryPackagePurpose' in each ? 'PrimaryPackagePurpose: OPERATING-SYSTEM' : ''}
${'attributionTexts' in each ? `PackageAttributionText: <text>LayerDiffID: sha256:${LAYER}</text>` : ''}
${'externalRefs' in each ? `ExternalRef: PACKAGE-MANAGER purl ${each.externalRefs[0]?.referenceLocator}` : ''}
`,
  )
  .join('')}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-image
FileName: ./etc/passwd
SPDXID: SPDXRef-file
`;

export const XML = `<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
 <metadata><component type="container"><name>lab/image</name><version>sha256:${HASH}</version></component></metadata>
 <components>
  <component type="operating-system" bom-ref="os"><name>debian</name><version>12</version></component>
  <component type="library" bom-ref="a"><name>libssl3</name><version>3.0.11-1</version>
   <licenses><license><name>no name of it</name></license></licenses>
   <purl>${DEB.replaceAll('&', '&amp;')}</purl>
   <properties><property name="aquasecurity:trivy:LayerDigest">sha256:${LAYER}</property></properties></component>
  <component type="application"><name>app</name><components>
   <component type="library"><group>@lab</group><name>teapot</name><version>1.2.3</version><purl>${NPM}</purl></component></components></component>
  <component type="library"><name>lab</name><version>1.0</version><purl>${ELSEWHERE}</purl></component>
 </components>
</bom>`;

export const SPDX3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'CreationInfo', specVersion: '3.0.1' },
    {
      type: 'software_Package',
      spdxId: 'os',
      name: 'debian',
      software_packageVersion: '12',
      software_primaryPurpose: 'operatingSystem',
    },
    {
      type: 'software_Package',
      spdxId: 'a',
      name: 'libssl3',
      software_packageVersion: '3.0.11-1',
      software_packageUrl: DEB,
    },
    {
      type: 'software_Package',
      spdxId: 'b',
      name: '@lab/teapot',
      externalIdentifier: [{ externalIdentifierType: 'packageUrl', identifier: NPM }],
    },
    {
      type: 'software_Package',
      spdxId: 'c',
      name: 'lab',
      software_packageVersion: '1.0',
      software_packageUrl: ELSEWHERE,
    },
    { type: 'software_File', spdxId: 'd', name: '/etc/passwd' },
  ],
};

export const SYFT = {
  artifacts: [
    {
      id: 'a',
      name: 'libssl3',
      version: '3.0.11-1',
      type: 'deb',
      locations: [{ path: '/var/lib/dpkg/status', layerID: `sha256:${LAYER}` }],
      purl: DEB.replace('&upstream=openssl', ''),
      metadata: { source: 'openssl', sourceVersion: '' },
    },
    { id: 'b', name: '@lab/teapot', version: '1.2.3', type: 'npm', locations: [], purl: NPM },
    { id: 'c', name: 'lab', version: '1.0', type: 'bitbucket', purl: ELSEWHERE },
  ],
  source: { name: 'lab/image', version: 'v1', metadata: { manifestDigest: `sha256:${HASH}` } },
  distro: { id: 'debian', versionID: '12' },
  schema: { version: '16.0.0', url: 'https://example.com/syft/schema-16.0.0.json' },
};
