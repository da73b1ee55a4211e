import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../ecosystems/index.ts';
import { AppError } from '../errors.ts';
import { purlNames } from '../sbom/canonical-purl.ts';
import { matchesImage, matchesPurl } from './match-purl.ts';
import { readVex } from './read-vex.ts';
import { createVexIndex, suppresses } from './vex-index.ts';

const CURL = 'pkg:deb/debian/curl@8.1?arch=amd64&distro=debian-12';
const DIGEST = `sha256:${'1'.repeat(64)}`;
const INDEX = `sha256:${'2'.repeat(64)}`;
const IMAGE = {
  digests: [DIGEST, INDEX],
  places: [{ repository: 'docker.io/library/app', tag: '1.0' }],
  platforms: ['cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*'],
};

const openVex = (...statements: unknown[]) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex',
  timestamp: '2099-01-01T00:00:00Z',
  statements,
});
const cycloneDx = (analysis: object, ref = 'c1', versions?: readonly object[]) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [{ 'bom-ref': 'c1', name: 'curl', purl: CURL }],
  vulnerabilities: [{ id: 'CVE-2099-1', analysis, affects: [{ ref, versions }] }],
});
const csaf = (status: object, tree: object, more: object = {}) => ({
  document: {
    category: 'csaf_vex',
    csaf_version: '2.0',
    tracking: { current_release_date: '2099-01-01T00:00:00Z' },
  },
  product_tree: tree,
  vulnerabilities: [{ cve: 'CVE-2099-1', product_status: status, ...more }],
});
const TREE = {
  branches: [
    {
      branches: [
        {
          product: { product_id: 'curl', product_identification_helper: { purl: 'pkg:deb/debian/curl@8.1' } },
        },
        {
          product: {
            product_id: 'rhel8',
            product_identification_helper: { cpe: 'cpe:/o:redhat:enterprise_linux:8' },
          },
        },
        {
          product: {
            product_id: 'rhel9',
            product_identification_helper: { cpe: 'cpe:/o:redhat:enterprise_linux:9' },
          },
        },
        { product: { product_id: 'nameless' } },
      ],
    },
  ],
  relationships: ['rhel8', 'rhel9'].map((platform) => ({
    product_reference: 'curl',
    relates_to_product_reference: platform,
    full_product_name: { product_id: `${platform}:curl` },
  })),
};

const names = purlNames(ecosystems);

/** The statement that holds for curl in the image. */
function about(...documents: object[]) {
  const statements = documents.flatMap(
    (document) => readVex(JSON.stringify(document), 'vex.json').statements,
  );
  return createVexIndex(statements, IMAGE, { canonical: (purl) => purl, names }).statementOn({
    ids: ['CVE-2099-1', 'GHSA-1'],
    purls: [CURL],
  });
}

describe('statements', () => {
  const product = { '@id': 'pkg:deb/debian/curl' };
  const cases: [string, object, string | undefined][] = [
    [
      'OpenVEX of a package',
      openVex({ vulnerability: { name: 'CVE-2099-1' }, products: [product], status: 'not_affected' }),
      'not_affected',
    ],
    [
      'OpenVEX by an alias',
      openVex({ vulnerability: { name: 'X', aliases: ['GHSA-1'] }, products: [product], status: 'fixed' }),
      'fixed',
    ],
    [
      'OpenVEX by a link',
      openVex({
        vulnerability: { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-2099-1' },
        products: [product],
        status: 'fixed',
      }),
      'fixed',
    ],
    [
      'OpenVEX 0.0.1',
      openVex({ vulnerability: 'CVE-2099-1', products: ['pkg:deb/debian/curl@8.1'], status: 'affected' }),
      'affected',
    ],
    [
      'OpenVEX of another version',
      openVex({ vulnerability: 'CVE-2099-1', products: ['pkg:deb/debian/curl@8.2'], status: 'fixed' }),
      undefined,
    ],
    [
      'OpenVEX of another vulnerability',
      openVex({ vulnerability: 'CVE-2099-2', products: [product], status: 'fixed' }),
      undefined,
    ],
    [
      'OpenVEX of the image',
      openVex({ vulnerability: 'CVE-2099-1', products: [`pkg:oci/app@${DIGEST}`], status: 'not_affected' }),
      'not_affected',
    ],
    [
      'OpenVEX of another image',
      openVex({
        vulnerability: 'CVE-2099-1',
        products: [`pkg:oci/app@sha256:${'4'.repeat(64)}`],
        status: 'not_affected',
      }),
      undefined,
    ],
    [
      'OpenVEX of a part of the image',
      openVex({
        vulnerability: { name: 'CVE-2099-1' },
        products: [{ '@id': `pkg:oci/app@${DIGEST}`, subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] }],
        status: 'not_affected',
      }),
      'not_affected',
    ],
    [
      'OpenVEX of another part of the image',
      openVex({
        vulnerability: { name: 'CVE-2099-1' },
        products: [{ '@id': `pkg:oci/app@${DIGEST}`, subcomponents: [{ '@id': 'pkg:deb/debian/zlib' }] }],
        status: 'not_affected',
      }),
      undefined,
    ],
    [
      'OpenVEX of this part of another image',
      openVex({
        vulnerability: { name: 'CVE-2099-1' },
        products: [
          { '@id': 'pkg:oci/b?repository_url=x/b', subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] },
        ],
        status: 'not_affected',
      }),
      undefined,
    ],
    ['CycloneDX by bom-ref', cycloneDx({ state: 'not_affected' }), 'not_affected'],
    ['CycloneDX by package URL', cycloneDx({ state: 'resolved' }, 'pkg:deb/debian/curl@8.1|2'), 'fixed'],
    [
      'CycloneDX by BOM-Link',
      cycloneDx({ state: 'false_positive' }, `urn:cdx:1/1#${encodeURIComponent(CURL)}`),
      'not_affected',
    ],
    ...(
      [
        ['this version unaffected', 'pkg:deb/debian/curl', [{ version: '8.1', status: 'unaffected' }], true],
        [
          'another version unaffected',
          'pkg:deb/debian/curl',
          [{ version: '8.0', status: 'unaffected' }],
          false,
        ],
        ['versions without a status, which are affected', 'pkg:deb/debian/curl', [{ version: '8.1' }], false],
        ['a range', 'pkg:deb/debian/curl', [{ range: 'vers:deb/>=8', status: 'unaffected' }], false],
        ['all versions', 'pkg:deb/debian/curl', [{ range: 'vers:deb/*', status: 'unaffected' }], true],
        ['its own version affected', 'c1', [{ version: '8.1', status: 'affected' }], false],
        ['another version affected', 'c1', [{ version: '7', status: 'affected' }], true],
      ] as const
    ).map(([what, ref, versions, want]): [string, object, string | undefined] => [
      `CycloneDX, not affected, with ${what}`,
      cycloneDx({ state: 'not_affected' }, ref, versions),
      want ? 'not_affected' : undefined,
    ]),
    ...(
      [
        ['product_version', '8.1', true],
        ['product_version', '8.0', false],
        ['product_version', 'curl', true],
        ['product_version_range', 'vers:deb/<8.0', false],
      ] as const
    ).map(([category, name, want]): [string, object, string | undefined] => [
      `CSAF of a package without version in a branch ${category} ${name}`,
      csaf(
        { known_not_affected: ['p'] },
        {
          branches: [
            {
              category,
              name,
              product: { product_id: 'p', product_identification_helper: { purl: 'pkg:deb/debian/curl' } },
            },
          ],
        },
      ),
      want ? 'not_affected' : undefined,
    ]),
    ['CycloneDX without analysis', cycloneDx({}), undefined],
    ['CycloneDX in triage', cycloneDx({ state: 'in_triage' }), 'under_investigation'],
    ['CSAF of a package', csaf({ known_not_affected: ['curl'] }, TREE), 'not_affected'],
    ['CSAF, affected', csaf({ known_affected: ['curl'] }, TREE), 'affected'],
    ['CSAF for this platform', csaf({ fixed: ['rhel9:curl'] }, TREE), 'fixed'],
    ['CSAF for another platform', csaf({ fixed: ['rhel8:curl'] }, TREE), undefined],
  ];
  for (const [what, document, want] of cases) {
    it(`${what} -> ${want}`, () => assert.equal(about(document)?.status, want));
  }

  it('say why', () => {
    const flags = [{ label: 'vulnerable_code_not_present', product_ids: ['curl'] }];
    const threats = [{ category: 'impact', details: 'it is not built in', product_ids: ['curl'] }];
    const statement = about(csaf({ known_not_affected: ['curl'] }, TREE, { flags, threats }));
    assert.deepEqual(
      [statement?.justification, statement?.reason, statement?.source],
      ['vulnerable_code_not_present', 'it is not built in', 'vex.json: vulnerabilities[0]'],
    );
  });

  it('of several the newest holds; of those of one time what leaves the finding standing', () => {
    const say = (status: string, timestamp: string) =>
      openVex({ vulnerability: 'CVE-2099-1', products: [product], status, timestamp });
    const [old, young] = ['2098-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];
    assert.equal(about(say('not_affected', old), say('affected', young))?.status, 'affected');
    assert.equal(about(say('affected', young), say('not_affected', old))?.status, 'affected');
    assert.equal(about(say('affected', old), say('not_affected', young))?.status, 'not_affected');
    for (const order of [
      ['affected', 'fixed'],
      ['fixed', 'affected'],
    ]) {
      const statement = about(say(order[0]!, old), say(order[1]!, old));
      assert.equal(suppresses(statement!), false);
    }
  });

  it('that cannot be used are problems, the others are kept', () => {
    const document = openVex(
      { products: [product], status: 'fixed' },
      { vulnerability: 'CVE-2099-1', status: 'fixed' },
      { vulnerability: 'CVE-2099-1', products: [product], status: 'maybe' },
      7,
      { vulnerability: 'CVE-2099-1', products: [product], status: 'fixed' },
    );
    const { statements, problems } = readVex(JSON.stringify(document), 'v');
    assert.equal(statements.length, 1);
    assert.deepEqual(
      problems.map(({ where }) => where),
      [0, 1, 2, 3].map((index) => `statements[${index}]`),
    );
    const { problems: inCsaf } = readVex(JSON.stringify(csaf({ fixed: ['nameless', 'gone'] }, TREE)), 'v');
    assert.match(inCsaf[0]!.reason, /2 of its products/);
    const { problems: inBom } = readVex(JSON.stringify(cycloneDx({ state: 'odd' })), 'v');
    assert.match(inBom[0]!.reason, /odd/);
  });

  for (const text of ['', '[]', '{}', '{"a":1}', 'x', 'null']) {
    it(`${JSON.stringify(text)} is no document`, () =>
      assert.throws(
        () => readVex(text, 'v'),
        (error) => error instanceof AppError && error.code === 'bad-config',
      ));
  }

  it('throws nothing at documents of the wrong shapes', () => {
    const shape = (document: object) => {
      const keys = new Set<string>();
      JSON.stringify(document, (key, value: unknown) => {
        keys.add(key);
        return value;
      });
      return [...keys];
    };
    const keys = shape([
      openVex({ vulnerability: '', products: [], status: '' }),
      cycloneDx({ state: '' }),
      csaf({ fixed: [] }, TREE),
    ]);
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 7, '', CURL, 'CVE-2099-1', 'not_affected', 'curl', true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, json, fc.constantFrom(0, 1, 2), (a, b, kind) => {
        const document = [
          { ...openVex(), statements: a },
          { bomFormat: 'CycloneDX', vulnerabilities: a, components: b },
          { document: { csaf_version: '2.0' }, vulnerabilities: a, product_tree: b },
        ][kind]!;
        about(document);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a package URL', () => {
  for (const [wanted, actual, want] of [
    ['pkg:deb/debian/curl', CURL, true],
    ['pkg:deb/debian/curl@8.1', CURL, true],
    ['pkg:deb/debian/curl@8.1?distro=debian-12', CURL, true],
    ['pkg:deb/debian/curl?distro=debian-11', CURL, false],
    ['pkg:deb/ubuntu/curl', CURL, false],
    ['pkg:deb/debian/curl@8', CURL, false],
    ['pkg:apk/debian/curl', CURL, false],
    ['pkg:pypi/Foo_Bar', 'pkg:pypi/foo-bar@1', true],
    ['pkg:npm/%40a/b', 'pkg:npm/%40a/b@1', true],
    ['pkg:pypi/Foo_*', 'pkg:pypi/foo-*@1', false],
    ['pkg:npm/B', 'pkg:npm/b@1', false],
    ['pkg:maven/a/B', 'pkg:maven/a/b@1', false],
    ['pkg:golang/a/B', 'pkg:golang/a/b@1', false],
    ['pkg:deb/Debian/Curl', CURL, true],
    ['pkg:rpm/RedHat/bash', 'pkg:rpm/redhat/bash@1', true],
    ['pkg:alpine/alpine/MUSL', 'pkg:alpine/alpine/musl@1', true],
    ['pkg:alpm/Arch/pacman', 'pkg:alpm/arch/pacman@1', true],
    ['pkg:composer/Symfony/Yaml', 'pkg:composer/symfony/yaml@1', true],
    ['pkg:nuget/newtonsoft.json', 'pkg:nuget/Newtonsoft.Json@1', true],
    ['pkg:github/Quay/Clair', 'pkg:github/quay/clair@4', true],
    ['pkg:nobody/A', 'pkg:nobody/a@1', false],
    ['curl', CURL, false],
    ['pkg:deb/debian/curl', '', false],
  ] as const) {
    it(`${wanted} of ${actual} -> ${want}`, () => assert.equal(matchesPurl(wanted, actual, names), want));
  }
  for (const [wanted, want] of [
    [DIGEST, true],
    [`pkg:oci/other@${encodeURIComponent(DIGEST)}`, true],
    ['pkg:oci/app?repository_url=docker.io/library/app', true],
    ['pkg:oci/app?repository_url=docker.io/library&tag=1.0', true],
    ['pkg:oci/app?repository_url=docker.io/library/app&tag=2.0', false],
    ['pkg:oci/app?repository_url=quay.io/x/app', false],
    [INDEX, true],
    [`pkg:oci/app@${encodeURIComponent(INDEX)}`, true],
    [`pkg:oci/app@sha256%3A${'3'.repeat(64)}`, false],
    ['pkg:oci/app', true],
    ['pkg:oci/App', true],
    ['pkg:oci/app?tag=1.0', true],
    ['pkg:oci/app?tag=2.0', false],
    ['pkg:oci/pp', false],
    ['pkg:docker/app@1.0', true],
    ['pkg:docker/library/app@1.0', true],
    ['pkg:docker/library/app@2.0', false],
    ['pkg:deb/debian/curl', false],
    ['', false],
  ] as const) {
    it(`${wanted} of the image -> ${want}`, () => assert.equal(matchesImage(wanted, IMAGE), want));
  }
});
