import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { bottlerocketInventory, bottlerocketRelease } from './bottlerocket.ts';
import { findIn } from './databases.fixture.ts';
import { otherDetector } from './distributions.ts';
import { bottlerocketFeeds } from './feeds/bottlerocket-feed.ts';
import { composeUpdates } from './feeds/updates.fixture.ts';
import { lookups } from './lookups.ts';

const URL = 'https://bottlerocket.test/updateinfo.xml.gz';
const INVENTORY = 'usr/share/bottlerocket/application-inventory.json';
const ROOT = 'x86_64-bottlerocket-linux-gnu/sys-root/';
const OS_RELEASE = 'NAME=Bottlerocket\nID=bottlerocket\nVERSION="1.34.0 (aws-ecs-2)"\nVERSION_ID=1.34.0\n';
const GLIBC = {
  Name: 'glibc',
  Version: '2.43',
  Release: '1.1781.5f1.br1',
  Epoch: '1',
  Architecture: 'x86_64',
};

describe('Bottlerocket', () => {
  for (const [where, root, detector] of [
    ['of a running system', '', otherDetector],
    ['beside the tools that built it', ROOT, bottlerocketRelease],
  ] as const) {
    it(`is told by os-release, its packages by the inventory: ${where}`, () => {
      const [release] = findIn(detector, { [`${root}usr/lib/os-release`]: OS_RELEASE });
      assert.ok(release?.found === 'distribution');
      assert.equal(release.distribution.versionId, '1.34.0');
      const found = findIn(bottlerocketInventory, {
        [`${root}${INVENTORY}`]: JSON.stringify({
          Content: [
            GLIBC,
            { ...GLIBC, Name: 'old', Epoch: undefined, Release: undefined },
            { ...GLIBC, Name: '' },
          ],
        }),
      });
      const packages = found.flatMap((each) => (each.found === 'package' ? [each.package] : []));
      assert.deepEqual(
        packages.map(({ name, version, arch }) => [name, version, arch]),
        [
          ['glibc', '1:2.43-1.1781.5f1.br1', 'x86_64'],
          ['old', '2.43', 'x86_64'],
        ],
      );
      assert.ok(found.some((each) => each.found === 'problem' && /^1 of its packages/.test(each.reason)));
      assert.ok(found.some((each) => each.found === 'problem' && each.kind === 'note'));
      const [lookup] = lookups({ package: packages[0]!, distribution: release.distribution });
      assert.deepEqual([lookup?.scope, lookup?.name], ['bottlerocket', 'glibc']);
    });
  }

  it('has advisories for all architectures and releases', async () => {
    const pkg = { arch: 'x86_64', name: 'glibc', version: '2.43', release: '1.1773.e2e.br1', epoch: '1' };
    const file = gzipSync(
      composeUpdates([
        {
          id: 'BRSA-kdg8bd1th2gb',
          severity: 'medium',
          issued: '2026-03-17T16:22:44Z',
          references: [
            { href: 'https://x/CVE-2025-15281', id: 'CVE-2025-15281', type: 'cve' },
            { href: 'https://x/BRSA', id: 'BRSA-kdg8bd1th2gb', type: 'brsa' },
          ],
          packages: [pkg, { ...pkg, name: 'bottlerocket-glibc' }, { ...pkg, arch: 'aarch64' }],
        },
        {
          id: 'BRSA-2',
          severity: 'important',
          references: [{ id: 'GHSA-1', type: 'ghsa' }],
          packages: [pkg],
        },
      ]),
    );
    const upstream = fakeUpstream({ [URL]: { body: file, headers: { etag: '"1"' } } });
    const [feed] = await bottlerocketFeeds.feeds({ url: URL }, upstream.context);
    const fetched = await feed!.fetch('', undefined, upstream.context);
    assert.ok(fetched !== 'unchanged');
    const advisories: Advisory[] = [];
    for await (const advisory of fetched.records) advisories.push(advisory);
    assert.deepEqual(
      advisories.map(({ scope, kind, name, arches, below, vulnerability }) => [
        [scope, kind, name, arches, below],
        [vulnerability.name, vulnerability.issued, vulnerability.normalizedSeverity, vulnerability.aliases],
      ]),
      ['glibc', 'bottlerocket-glibc']
        .map((name) => [
          ['bottlerocket', 'binary', name, undefined, '1:2.43-1.1773.e2e.br1'],
          ['BRSA-kdg8bd1th2gb', '2026-03-17T16:22:44Z', 'Medium', ['CVE-2025-15281']],
        ])
        .concat([
          [
            ['bottlerocket', 'binary', 'glibc', undefined, '1:2.43-1.1773.e2e.br1'],
            ['BRSA-2', '2026-02-03T04:05:06Z', 'High', undefined],
          ],
        ] as never),
    );
    assert.equal(await feed!.fetch(fetched.fingerprint, undefined, upstream.context), 'unchanged');
  });
});
