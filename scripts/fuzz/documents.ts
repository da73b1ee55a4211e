/** The readers of documents and feeds that are fuzzed, and what they are given. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { lintConfig } from '../../src/config/lint-config.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import type { Enricher } from '../../src/contract/enricher.ts';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { npmVersions } from '../../src/ecosystems/node/version.ts';
import { pep440 } from '../../src/ecosystems/python/version.ts';
import { lookupsOf } from '../../src/ecosystems/report-lookups.ts';
import { epss } from '../../src/enrichers/epss/feed.ts';
import { kev } from '../../src/enrichers/kev/feed.ts';
import { fakeUpstream } from '../../src/feeds/upstream.fixture.ts';
import type { OsvOptions } from '../../src/formats/osv/options.ts';
import { advisoriesOf } from '../../src/formats/osv/record.ts';
import { matchesOf, readOvalDefinitions, readOvalTables } from '../../src/formats/oval/oval.ts';
import { hashOfClass } from '../../src/formats/programs/function-hash.ts';
import { decodeFilter, encodeFilter } from '../../src/lib/name-filter.ts';
import { toWire } from '../../src/model/index-report-wire.ts';
import { linkedFromWire, linkedToWire } from '../../src/model/linked-code-wire.ts';
import { canonicalPurl, purlNames } from '../../src/sbom/canonical-purl.ts';
import { readSbom } from '../../src/sbom/read-sbom.ts';
import { readVex } from '../../src/vex/read-vex.ts';
import { createVexIndex } from '../../src/vex/vex-index.ts';
import { brokers } from './brokers.ts';
import type { FuzzedDocument, Read } from './document.ts';

const DEB = 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl';
const LAYER = `sha256:${'b'.repeat(64)}`;
const DIGEST = `sha256:${'a'.repeat(64)}`;
const json = (...values: unknown[]): Buffer[] => values.map((value) => Buffer.from(JSON.stringify(value)));

/** undefined: it is no JSON. */
function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

const LINKED_CODE = {
  package_db: 'go:app',
  introduced_in: LAYER,
  platforms: ['linux/amd64'],
  packages: { 'example.com/lab': ['', 'a/b'], stdlib: ['net/http'] },
  functions: encodeFilter(
    Float64Array.from({ length: 50 }, (_, n) => hashOfClass(`Lab${n}`)),
    200,
  ),
  incomplete: true,
  unnamed_main: 'example.com/lab',
};

const OPENVEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex',
  author: 'lab',
  timestamp: '2099-01-01T00:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { '@id': 'https://x/CVE-2099-1', name: 'CVE-2099-1', aliases: ['GHSA-1'] },
      products: [{ '@id': 'pkg:oci/app@sha256%3Aaa?tag=1', subcomponents: [{ '@id': DEB }] }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      impact_statement: 'it is not in it',
    },
    { vulnerability: 'CVE-2099-2', products: [DEB], status: 'fixed' },
  ],
};
const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: {
    component: { type: 'container', name: 'lab/image', version: DIGEST },
    properties: [{ name: 'clair:linked-code', value: JSON.stringify(LINKED_CODE) }],
  },
  components: [
    { type: 'operating-system', 'bom-ref': 'os', name: 'debian', version: '12' },
    {
      type: 'library',
      'bom-ref': 'a',
      name: 'libssl3',
      version: '3.0.11-1',
      purl: DEB,
      properties: [{ name: 'syft:location:0:layerID', value: LAYER }],
      components: [{ type: 'library', group: '@lab', name: 'b', version: '1', purl: 'pkg:npm/%40lab/b@1' }],
    },
  ],
  vulnerabilities: [{ id: 'CVE-2099-1', analysis: { state: 'not_affected' }, affects: [{ ref: 'a' }] }],
};
const CSAF = {
  document: { category: 'csaf_vex', csaf_version: '2.0', tracking: { current_release_date: '2099-01-01' } },
  product_tree: {
    branches: [
      {
        category: 'vendor',
        branches: [
          { product: { product_id: 'p', product_identification_helper: { purl: DEB } } },
          { product: { product_id: 'rhel9', product_identification_helper: { cpe: 'cpe:/o:a:b:9' } } },
        ],
      },
    ],
    relationships: [
      {
        product_reference: 'p',
        relates_to_product_reference: 'rhel9',
        full_product_name: { product_id: 'rhel9:p' },
      },
    ],
  },
  vulnerabilities: [
    {
      cve: 'CVE-2099-1',
      product_status: { known_not_affected: ['rhel9:p'], fixed: ['p'] },
      flags: [{ label: 'vulnerable_code_not_present', product_ids: ['rhel9:p'] }],
    },
  ],
};
const SPDX = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  packages: [
    { SPDXID: 'SPDXRef-i', name: 'lab/image', versionInfo: DIGEST, primaryPackagePurpose: 'CONTAINER' },
    { SPDXID: 'SPDXRef-os', name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING-SYSTEM' },
    {
      SPDXID: 'SPDXRef-a',
      name: 'libssl3',
      versionInfo: '3.0.11-1',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: DEB }],
      attributionTexts: [`LayerDiffID: ${LAYER}`],
    },
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-i' },
  ],
};
const SPDX3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'CreationInfo', specVersion: '3.0.1' },
    { type: 'software_Package', spdxId: 'os', name: 'debian', software_primaryPurpose: 'operatingSystem' },
    { type: 'software_Package', spdxId: 'a', name: 'libssl3', software_packageUrl: DEB },
  ],
};
const SYFT = {
  artifacts: [
    {
      id: 'a',
      name: 'libssl3',
      version: '3',
      type: 'deb',
      locations: [{ path: '/x', layerID: LAYER }],
      purl: DEB,
    },
  ],
  source: { name: 'lab/image', version: 'v1', metadata: { manifestDigest: DIGEST } },
  distro: { id: 'debian', versionID: '12' },
  schema: { version: '16.0.0', url: 'https://example.com/syft/schema-16.0.0.json' },
};
const XML = `<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><metadata><component type="container"><name>i</name></component></metadata>
<components><component type="operating-system" bom-ref="os"><name>debian</name><version>12</version></component>
<component type="library"><name>libssl3</name><version>3</version><purl>${DEB.replaceAll('&', '&amp;')}</purl>
<properties><property name="aquasecurity:trivy:LayerDigest">${LAYER}</property></properties></component></components></bom>`;
const TAGS = `SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>over
lines</text>

PackageName: libssl3
SPDXID: SPDXRef-a
PackageVersion: 3.0.11-1
ExternalRef: PACKAGE-MANAGER purl ${DEB}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a
`;
const OSV = (ecosystem: string, type: string): object => ({
  id: 'GHSA-aaaa-bbbb-cccc',
  summary: 'lab',
  published: '2024-01-01T00:00:00Z',
  modified: '2024-01-02T00:00:00Z',
  aliases: ['CVE-2024-1'],
  related: ['CVE-2024-2'],
  references: [{ type: 'WEB', url: 'https://example.com' }],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  database_specific: { severity: 'HIGH' },
  affected: [
    {
      package: { ecosystem, name: 'lab', purl: 'pkg:x/lab' },
      ranges: [
        {
          type,
          events: [
            { introduced: '0' },
            { fixed: '1.2.3' },
            { introduced: '2.0.0' },
            { last_affected: '2.1' },
          ],
        },
      ],
      versions: ['1.0', '1.1'],
      severity: [
        { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' },
      ],
    },
  ],
});
const OVAL = `<?xml version="1.0"?>
<oval_definitions xmlns:l="urn:linux"><definitions>
<definition id="d:1" class="vulnerability"><metadata><title>CVE-2099-1 &amp; more</title><description><![CDATA[First
line.]]></description><affected><platform>lab 1</platform></affected><reference source="CVE" ref_id="CVE-2099-1" ref_url="https://x/1"/>
<advisory><severity>High</severity><issued date="2099-01-02"/><cve href="https://x/1">CVE-2099-1</cve></advisory></metadata>
<criteria operator="AND"><criterion test_ref="t:1" comment="a"/><criteria><criterion test_ref="t:2"/></criteria></criteria></definition>
<!-- between --><definition id="d:2" class="patch"><metadata><title>Two</title></metadata></definition></definitions>
<tests><l:dpkginfo_test id="t:1"><l:object object_ref="o:1"/><l:state state_ref="s:1"/></l:dpkginfo_test>
<l:dpkginfo_test id="t:2"><l:object object_ref="o:2"/></l:dpkginfo_test></tests>
<objects><l:dpkginfo_object id="o:1"><l:name>one</l:name></l:dpkginfo_object>
<l:dpkginfo_object id="o:2"><l:name var_ref="v:1"/></l:dpkginfo_object></objects>
<states><l:dpkginfo_state id="s:1"><l:evr datatype="debian_evr_string" operation="less than">0:1.2-3</l:evr></l:dpkginfo_state></states>
<variables><constant_variable id="v:1"><value>two</value><value>three</value></constant_variable></variables></oval_definitions>
`;
const EPSS = `#model_version:v2025.03.14,score_date:2025-06-15T12:55:00Z
cve,epss,percentile
CVE-1999-0001,0.01297,0.78605
CVE-2024-12345,9.1e-05,1
`;
const KEV = {
  title: 'lab',
  catalogVersion: '2025.06.15',
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2024-0001',
      vulnerabilityName: 'lab',
      dateAdded: '2025-01-01',
      shortDescription: 'text',
      requiredAction: 'mend',
      dueDate: '2025-02-01',
      knownRansomwareCampaignUse: 'Known',
      cwes: ['CWE-79'],
    },
  ],
};

const PYPI: OsvOptions = {
  dump: 'PyPI',
  scope: { key: 'pypi' },
  versions: pep440,
  ranges: ['ECOSYSTEM', 'SEMVER'],
  encodeFixed: 'query',
};

/** The readers by name. */
export const DOCUMENTS: Readonly<Record<string, FuzzedDocument>> = {
  vex: {
    seeds: () => json(OPENVEX, CYCLONEDX, CSAF),
    read(bytes) {
      const { statements, problems } = readVex(bytes.toString(), 'vex.json');
      const image = {
        digests: [DIGEST],
        places: [{ repository: 'docker.io/library/app', tag: '1' }],
        platforms: ['cpe:/o:a:b:9'],
      };
      const index = createVexIndex(statements, image, {
        canonical: (purl) => canonicalPurl(purl, ecosystems),
        names: purlNames(ecosystems),
      });
      index.statementOn({ ids: ['CVE-2099-1', 'CVE-2099-2'], purls: [DEB] });
      return { records: statements.length, problems: problems.length };
    },
  },
  'linked-code': {
    seeds: () => json(LINKED_CODE),
    read(bytes) {
      const linked = linkedFromWire(parsedJson(bytes));
      const filter = linked?.functions === undefined ? undefined : decodeFilter(linked.functions);
      if (linked !== undefined) JSON.stringify(linkedToWire(linked));
      filter?.has(hashOfClass('Lab'));
      return { records: filter?.size ?? 0, problems: Number(linked === undefined) };
    },
  },
  sbom: {
    seeds: () => [...json(CYCLONEDX, SPDX, SPDX3, SYFT), Buffer.from(XML), Buffer.from(TAGS)],
    read(bytes) {
      const { report } = readSbom(bytes, 'sbom.json', ecosystems);
      JSON.stringify(toWire(report));
      lookupsOf(report, ecosystems);
      return { records: report.packages.length, problems: report.problems.length };
    },
  },
  config: {
    seeds: () => [...configSeeds()],
    read(bytes) {
      const { config, deprecations } = parseConfig(bytes.toString(), '.yaml', 'config.yaml');
      return { records: 1, problems: [...lintConfig(config, 'combo', {}), ...deprecations].length };
    },
  },
  'osv-pypi': osvReader(PYPI),
  'osv-npm': osvReader({
    ...PYPI,
    dump: 'npm',
    scope: { key: 'npm' },
    versions: npmVersions,
    ranges: ['SEMVER'],
  }),
  oval: {
    seeds: () => [Buffer.from(OVAL)],
    async read(bytes) {
      let problems = 0;
      const problem = (): void => void problems++;
      const tables = await readOvalTables(Readable.from([bytes]), 'oval.xml', 'dpkginfo');
      const definitions = readOvalDefinitions(Readable.from([bytes]), 'oval.xml', tables);
      let records = 0;
      for await (const { read } of definitions) {
        for (const { names } of matchesOf(read(), tables, problem)) records += names.length;
      }
      return { records, problems };
    },
  },
  epss: { seeds: () => [Buffer.from(EPSS)], read: (bytes) => enrich(epss, gzipSync(bytes, { level: 1 })) },
  'epss-packed': { seeds: () => [gzipSync(EPSS)], read: (bytes) => enrich(epss, bytes) },
  kev: { seeds: () => json(KEV), read: (bytes) => enrich(kev, bytes) },
  ...brokers,
};

function osvReader(options: OsvOptions): FuzzedDocument {
  return {
    seeds: () => json(OSV(options.dump, 'SEMVER'), OSV(options.dump, 'ECOSYSTEM')),
    read(bytes) {
      let problems = 0;
      const problem = (): void => void problems++;
      let record: unknown;
      try {
        record = JSON.parse(bytes.toString());
      } catch {
        return { records: 0, problems: 1 };
      }
      try {
        const advisories = advisoriesOf(record, options, { now: new Date(0), problem });
        const text = JSON.stringify(advisories, (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        if (/\\u0000|\\ud[89a-f]/i.test(text)) throw new TypeError(`not to be stored: ${text}`);
        return { records: advisories.length, problems };
      } catch (error) {
        // As the feed does with what is no record.
        if (error instanceof Error && error.message.startsWith('no OSV record'))
          return { records: 0, problems: 1 };
        throw error;
      }
    },
  };
}

/** The whole fetch of an enricher whose upstream answers `body`. */
async function enrich(enricher: Enricher, body: Buffer): Promise<Read> {
  const url = 'https://upstream.example/file';
  const { context, problems } = fakeUpstream({ [url]: body });
  const fetched = await enricher.fetch('', { url, feed: url }, context);
  let records = 0;
  if (fetched !== 'unchanged') {
    for await (const { tag, data } of fetched.records) {
      records++;
      if (!/^CVE-\d+-\d+$/.test(tag)) throw new TypeError(`no CVE: ${tag}`);
      if (Object.values(data as object).some((value) => typeof value === 'number' && !Number.isFinite(value)))
        throw new TypeError(`not to be stored: ${JSON.stringify(data)}`);
    }
  }
  return { records, problems: problems.length };
}

function configSeeds(): Buffer[] {
  const sample = readFileSync(new URL('../../config.yaml.sample', import.meta.url), 'utf8');
  return [
    Buffer.from(sample),
    Buffer.from(
      stringify({
        http_listen_addr: ':6060',
        indexer: {
          connstring: 'host=db',
          migrations: true,
          layer_limits: { unpacked_size: '8GiB', time: '30m' },
        },
        matcher: { connstring: 'postgres://h/d', period: '6h', indexer_addr: 'http://i:6060' },
        updaters: { sets: ['debian'], config: { debian: { url: 'https://x/' } } },
        auth: { psk: { key: 'c2VjcmV0', iss: ['quay'] } },
        notifier: {
          webhook: { target: 'https://t/', callback: 'https://c/', headers: { A: ['b'] } },
          amqp: { uris: ['amqp://h'], routing_key: 'k', exchange: { type: 'direct', durable: true } },
        },
        trace: { name: 'otlp', probability: 0.5, otlp: { http: { endpoint: 'h:4318', timeout: '1s' } } },
      }),
    ),
    Buffer.from('a: &a [1, *a]\nb: !!binary aGk=\n? [x]\n: |\n  text\n<<: {c: 1}\n'),
  ];
}
