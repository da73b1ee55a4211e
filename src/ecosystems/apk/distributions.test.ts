import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import type { Package } from '../../model/package.ts';
import { derivativeRelease } from './derivative-release.ts';
import { apk } from './index.ts';
import { lookups } from './lookups.ts';

function read(osRelease: string): Detection[] {
  const file = (path: string) =>
    path === 'etc/os-release' ? layerFile(path, Buffer.from(osRelease)) : undefined;
  return [
    ...derivativeRelease.read!({ files: [], file, names: () => [], has: (path) => file(path) !== undefined }),
  ];
}

describe('distributions with releases of their own', () => {
  const [feeds] = apk.feeds.filter(({ set }) => set === 'osv');
  const releases: [versionId: string, want: string[]][] = [
    ['23', ['alpaquita:23']],
    ['23.1', ['alpaquita:23']],
    ['stream', ['alpaquita:stream']],
    ['', []],
  ];
  for (const [versionId, want] of releases) {
    it(`look up Alpaquita ${JSON.stringify(versionId)} in ${want.join() || 'nothing'}, and cover it`, async () => {
      const found = read(`ID=alpaquita\nVERSION_ID=${versionId}\n`);
      assert.equal(
        found.some((each) => each.found === 'problem'),
        want.length === 0,
      );
      const distribution = found.flatMap((each) =>
        each.found === 'distribution' ? [each.distribution] : [],
      )[0]!;
      const installed: Package = { name: 'a', version: '1', kind: 'binary' };
      const scopes = lookups({ package: installed, distribution }).map(({ scope }) => scope);
      assert.deepEqual(scopes, want);
      const covered = (await feeds!.feeds(undefined, fakeUpstream({}).context)).flatMap(
        (feed) => feed.scopes,
      );
      for (const scope of scopes) assert.ok(covered.some(({ key }) => key === scope));
    });
  }

  it('have what was introduced and never fixed', async () => {
    const affected = ['Alpaquita:23', 'Alpaquita:stream', 'BellSoft Hardened Containers:23'].map(
      (ecosystem) => ({
        package: { ecosystem, name: 'a' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '1-r0' }] }],
      }),
    );
    const content = JSON.stringify({ id: 'BELL-CVE-2026-1', upstream: ['CVE-2026-1'], affected });
    const { context } = fakeUpstream({
      'https://osv.test/Alpaquita/all.zip': makeZip({ members: [{ name: 'a.json', content }] }),
    });
    const [feed] = await feeds!.feeds({ url: 'https://osv.test' }, context);
    const fetched = await feed!.fetch('', undefined, context);
    assert.ok(fetched !== 'unchanged');
    const found: unknown[] = [];
    for await (const { scope, kind, from, below, vulnerability } of fetched.records)
      found.push([scope, kind, from, below, vulnerability.name, vulnerability.aliases]);
    const rest = ['source', '1-r0', undefined, 'BELL-CVE-2026-1', ['CVE-2026-1']];
    assert.deepEqual(found, [
      ['alpaquita:23', ...rest],
      ['alpaquita:stream', ...rest],
    ]);
  });
});
