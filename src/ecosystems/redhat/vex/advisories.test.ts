import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Advisory } from '../../../model/advisory.ts';
import { vexReader } from './advisories.ts';
import { rpmFixture, type VexFixture, vexFixture } from './csaf.fixture.ts';
import { readCsafDocument } from './csaf.ts';
import { isKernelToCheck } from './kernel.ts';

const RHEL_9 = 'cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*';
const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H';

function read(
  json: unknown,
  ignoreKernel = false,
): { advisories: Advisory[]; problems: string[]; scopes: Set<string> } {
  const problems: string[] = [];
  const scopes = new Set<string>();
  const reader = vexReader({
    problem: ({ reason }) => problems.push(reason),
    ignoreKernel,
    folder: 'https://example.com/vex/',
    met: ({ key }) => scopes.add(key),
  });
  return { advisories: reader(readCsafDocument(json)), problems, scopes };
}

/** Components `purl id` of one platform. */
function document(
  purls: readonly string[],
  status: keyof NonNullable<VexFixture['status']>,
  more: Partial<VexFixture> = {},
) {
  const ids = purls.map((_, index) => `package-${index}`);
  return vexFixture({
    id: 'CVE-2030-1',
    platforms: { platform: 'cpe:/a:redhat:quay:3::el8' },
    purls: Object.fromEntries(purls.map((purl, index) => [ids[index]!, purl])),
    components: Object.fromEntries(ids.map((id) => [`platform:${id}`, [id, 'platform'] as const])),
    status: { [status]: ids.map((id) => `platform:${id}`) },
    ...more,
  });
}

const image = (tag: string, arch = 'amd64') =>
  `pkg:oci/app-rhel8@sha256%3Aabc${tag}${arch}?arch=${arch}&repository_url=registry.example.com/team/app-rhel8&tag=${tag}`;

describe('advisories of VEX documents', () => {
  it('say where an rpm is fixed', () => {
    const { advisories, scopes } = read(rpmFixture('CVE-2030-1'));
    assert.deepEqual(advisories, [
      {
        scope: `rhel-cpe:${RHEL_9}`,
        name: 'lib',
        kind: 'binary',
        arches: ['amd64', 'x86_64'],
        shownArch: 'amd64|x86_64',
        below: '1:1-2.el9',
        fixedInVersion: '1:1-2.el9',
        vulnerability: {
          name: 'CVE-2030-1',
          description: 'about CVE-2030-1',
          issued: '2030-03-05T00:00:00Z',
          links: 'https://example.com/cve/CVE-2030-1 https://example.com/cve-2030-1.json',
          severity: 'Unknown',
          normalizedSeverity: 'Unknown',
        },
      },
    ]);
    assert.deepEqual([...scopes], [`rhel-cpe:${RHEL_9}`]);
  });

  it('name what has no fix by its source, for every version', () => {
    const { advisories } = read(rpmFixture('CVE-2030-1', { status: 'known_affected' }));
    const [{ kind, below, arches, fixedInVersion, vulnerability }] = advisories as [Advisory];
    assert.deepEqual(
      [kind, below, arches, fixedInVersion, vulnerability.severity],
      ['source', undefined, undefined, '', 'Unknown'],
    );
  });

  it('keep assertions apart', () => {
    const { advisories } = read(
      document([image('v1.2-3'), 'pkg:rpm/redhat/lib@1-1?arch=x86_64'], 'known_not_affected'),
    );
    assert.deepEqual(
      advisories.map(({ kind, name, assertsUnaffected, below }) => [kind, name, assertsUnaffected, below]),
      [
        ['ancestry', 'team/app-rhel8', true, undefined],
        ['binary', 'lib', true, undefined],
      ],
    );
  });

  it('merge architectures, and leave out sources', () => {
    const of = (arch: string) => `pkg:rpm/redhat/lib@1-1?arch=${arch}`;
    const { advisories } = read(document([of('aarch64'), of('x86_64'), of('src')], 'fixed'));
    assert.deepEqual(
      advisories.map(({ arches, shownArch }) => [arches, shownArch]),
      [[['aarch64', 'arm64', 'amd64', 'x86_64'], 'aarch64|amd64|x86_64|src']],
    );
    assert.deepEqual(read(document([of('src'), of('nosrc')], 'fixed')).advisories, []);
  });

  it('take severity, fix and impact of the product', () => {
    const { advisories } = read(
      document(['pkg:rpm/redhat/lib@1-1?arch=x86_64', 'pkg:rpm/redhat/none@1-1?arch=x86_64'], 'fixed', {
        more: {
          scores: [
            { products: ['platform:package-0'], cvss_v3: { baseScore: 7.5, vectorString: VECTOR } },
            {
              products: ['platform:package-1'],
              cvss_v3: { baseScore: 0, vectorString: VECTOR.replace(/H$/, 'N') },
            },
          ],
          threats: [{ category: 'impact', details: 'MODERATE', product_ids: ['platform:package-0'] }],
          remediations: [
            { category: 'vendor_fix', url: 'https://example.com/fix', product_ids: ['platform:package-0'] },
          ],
        },
      }),
    );
    assert.deepEqual(
      advisories.map(({ name, vulnerability: { severity, normalizedSeverity, links } }) => [
        name,
        severity,
        normalizedSeverity,
        links.split(' ').at(-1),
      ]),
      [['lib', VECTOR, 'Medium', 'https://example.com/fix']],
    );
  });

  for (const [purl, module, want] of [
    ['pkg:rpm/redhat/node@1-1?arch=x86_64&rpmmod=js:18:900:abc', undefined, 'js:18'],
    ['pkg:rpm/redhat/node@1-1?arch=x86_64', 'pkg:rpmmod/redhat/js@20:900:abc', 'js:20'],
    ['pkg:rpm/redhat/node@1-1?arch=x86_64', undefined, undefined],
  ] as const)
    it(`know the module ${want} of ${purl} in ${module}`, () => {
      const json = vexFixture({
        id: 'CVE-2030-1',
        platforms: { platform: 'cpe:/a:redhat:enterprise_linux:9' },
        purls: { node: purl, ...(module && { js: module }) },
        components: { 'platform:js': ['js', 'platform'], 'platform:js:node': ['node', 'platform:js'] },
        status: { fixed: ['platform:js:node'] },
      });
      assert.deepEqual(
        read(json).advisories.map((each) => each.module),
        [want],
      );
    });

  it('fix a release of a container by its own tag, and all before by the oldest', () => {
    const { advisories } = read(
      document([image('v4.6.0-9'), image('v4.7.0-2'), image('v4.6.0-9', 'arm64'), image('latest')], 'fixed'),
    );
    assert.deepEqual(
      advisories.map(({ name, from, below, arches }) => [name, from, below, arches]),
      [
        ['team/app-rhel8', undefined, 'v4.6.0-9', ['amd64', 'x86_64', 'aarch64', 'arm64']],
        ['team/app-rhel8', '4.7', 'v4.7.0-2', ['amd64', 'x86_64']],
        ['team/app-rhel8', undefined, 'latest', ['amd64', 'x86_64']],
      ],
    );
    assert.ok(advisories.every(({ scope }) => scope === 'rhcc-cpe:cpe:2.3:a:redhat:quay:3:*:el8:*:*:*:*:*'));
  });

  it('leave out what is somebody else’s, and tell what cannot be read', () => {
    const good = 'pkg:rpm/redhat/lib@1-1?arch=x86_64';
    const bad = [
      'pkg:maven/org.example/a@1',
      'pkg:rpm/fedora/lib@1-1?arch=x86_64',
      'pkg:rpm/',
      'pkg:rpm/redhat/nothing?arch=x86_64',
    ];
    const { advisories, problems } = read(document([...bad, good], 'fixed'));
    assert.deepEqual(
      advisories.map(({ name }) => name),
      ['lib'],
    );
    assert.deepEqual(problems, ['no package URL: pkg:rpm/', 'nothing: a fix without a version']);
    const noCpe = read(document([good], 'fixed', { platforms: { platform: 'cpe:/nonsense' } }));
    assert.deepEqual([noCpe.advisories, noCpe.problems], [[], ['no CPE: cpe:/nonsense']]);
  });

  it('are none of a document that was taken back', () => {
    assert.deepEqual(
      read(document(['pkg:rpm/redhat/lib@1-1?arch=x86_64'], 'fixed', { deleted: true })).advisories,
      [],
    );
  });

  it('are of the parts of a kernel that have its code, if at all', () => {
    const names = ['kernel', 'kernel-core', 'kernel-rt-modules-extra', 'kernel-headers', 'kernelcare'];
    const json = document(
      names.map((name) => `pkg:rpm/redhat/${name}@1-1?arch=x86_64`),
      'fixed',
    );
    assert.deepEqual(
      read(json).advisories.map(({ name }) => name),
      names.slice(0, 3),
    );
    assert.deepEqual(read(json, true).advisories, []);
    for (const [name, want] of [
      ['kernel-uki-virt-addons', true],
      ['kernel-rt-64k-kvm', true],
      ['kernel-64k-kvm', false],
      ['kernel-debug-core', false],
    ] as const)
      assert.equal(isKernelToCheck(name), want);
  });
});
