import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { decideModule } from '../decide.ts';
import { lookups } from './lookups.ts';
import { rebuildFeeds } from './rebuilds.ts';

const PLACE = 'https://osv.test';

async function load(index: number, dump: string, records: Record<string, unknown>[]) {
  const members = records.map((record) => ({ name: `${record.id}.json`, content: JSON.stringify(record) }));
  const upstream = fakeUpstream({ [`${PLACE}/${dump}/all.zip`]: makeZip({ members }) });
  const [feed] = await rebuildFeeds[index]!.feeds({ url: PLACE }, upstream.context);
  assert.ok(feed);
  const fetched = await feed.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const advisories: Advisory[] = [];
  for await (const advisory of fetched.records) advisories.push(advisory);
  return { feed, advisories };
}

function record(id: string, ecosystem: string, name: string, fixed: string, summary = 'Low: x') {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }];
  return { id, summary, affected: [{ package: { ecosystem, name }, ranges }] };
}

/** Whether something that is looked up meets the advisory, versions aside. */
function meets(advisory: Advisory | undefined, did: string, versionId: string, installed: object): boolean {
  const pkg = { name: 'libx', version: '1-1', kind: 'binary', ...installed } as const;
  return lookups({ package: pkg, distribution: { ...NO_DISTRIBUTION, did, versionId } }).some(
    (lookup) =>
      lookup.scope === advisory?.scope &&
      lookup.kind === advisory.kind &&
      lookup.name === advisory.name &&
      decideModule(advisory.module ?? '', lookup.module ?? '') !== 'unaffected',
  );
}

describe('the feeds of rebuilds', () => {
  it('read AlmaLinux by binary package', async () => {
    const { feed, advisories } = await load(0, 'AlmaLinux', [
      record('ALSA-2025:1', 'AlmaLinux:9', 'libx', '2-1.el9'),
      record('ALSA-2025:2', 'AlmaLinux:8', 'libx', '2-1.module_el8+1', 'Low: x:1 update'),
      record('ALSA-2025:3', 'AlmaLinux:8', 'libx', '2-1.module_el8+1', 'Low: x update'),
    ]);
    assert.equal(feed.name, 'osv/almalinux');
    assert.deepEqual(
      feed.scopes.map(({ key, distribution }) => [key, distribution?.did, distribution?.prettyName]),
      [
        ['almalinux:8', 'almalinux', 'AlmaLinux 8'],
        ['almalinux:9', 'almalinux', 'AlmaLinux 9'],
        ['almalinux:10', 'almalinux', 'AlmaLinux 10'],
      ],
    );
    const [plain, ofModule, untold] = advisories;
    assert.equal(meets(plain, 'almalinux', '9.4', {}), true);
    assert.equal(meets(plain, 'almalinux', '8.10', {}), false);
    assert.equal(meets(plain, 'rocky', '9.4', {}), false);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:1' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:2' }), false);
    assert.equal(meets(ofModule, 'almalinux', '8.10', {}), false);
    assert.equal(meets(untold, 'almalinux', '8.10', { module: 'x:2' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { version: '1-1.module_el8+0' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:1:8090:abcd' }), true);
  });

  it('read Rocky Linux by source package', async () => {
    const { feed, advisories } = await load(1, 'Rocky%20Linux', [
      record('RLSA-2025:1', 'Rocky Linux:10', 'x', '0:2-1.el10'),
    ]);
    assert.equal(feed.name, 'osv/rocky linux');
    assert.deepEqual(
      feed.scopes.map(({ key }) => key),
      ['rocky:8', 'rocky:9', 'rocky:10'],
    );
    const source = { name: 'x', version: '1-1' };
    assert.equal(meets(advisories[0], 'rocky', '10.0', { source }), true);
    assert.equal(meets(advisories[0], 'rocky', '10.0', { source, module: 'x:1' }), true);
    assert.equal(meets(advisories[0], 'rocky', '10.0', {}), false);
    assert.equal(meets(advisories[0], 'rocky', '9.3', { source }), false);
  });
});
