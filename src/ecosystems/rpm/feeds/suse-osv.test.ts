import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import { makeZip } from '../../../formats/archives/zip.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { lookups } from '../lookups.ts';
import { leapRelease, slesRelease } from '../scopes/releases.ts';
import { suseFeeds } from './suse-feed.ts';

const PLACE = 'https://osv.test';
const CONFIG = { source: 'osv', url: PLACE };

const record = (id: string, ecosystems: readonly string[]) => ({
  id,
  summary: 'Security update for x',
  upstream: ['CVE-2026-1', 'CVE-2026-2'],
  affected: ecosystems.map((ecosystem) => ({
    package: { ecosystem, name: 'src' },
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2-1' }] }],
  })),
});

const RECORDS = [
  record('SUSE-SU-2026:1-1', [
    'SUSE:Linux Enterprise Module for Basesystem 15 SP4',
    'SUSE:Linux Enterprise High Performance Computing 15 SP4-ESPOS',
    'SUSE:Linux Enterprise Micro 5.3',
    'openSUSE:Leap 15.6',
  ]),
  record('SUSE-SU-2026:2-1', ['SUSE:Linux Enterprise Server for SAP Applications 12 SP5']),
  record('SUSE-SU-2026:3-1', ['SUSE:Linux Enterprise Server 15-LTSS']),
  record('SUSE-SU-2026:4-1', ['SUSE:Linux Enterprise Server 11 SP4-LTSS']),
  record('SUSE-RU-2026:5-1', ['SUSE:Manager Server Module 4.3']),
];

const dump = makeZip({
  members: RECORDS.map((each) => ({ name: `${each.id}.json`, content: JSON.stringify(each) })),
});

/** The names of advisories by feed, and all of them. */
async function load() {
  const upstream = fakeUpstream({
    [`${PLACE}/SUSE/all.zip`]: dump,
    [`${PLACE}/openSUSE/all.zip`]: dump,
  });
  const feeds = await suseFeeds.feeds(CONFIG, upstream.context);
  const said = new Map<string, Advisory[]>();
  for (const feed of feeds) {
    const fetched = await feed.fetch('', undefined, upstream.context);
    assert.ok(fetched !== 'unchanged');
    const own: Advisory[] = [];
    for await (const advisory of fetched.records) own.push(advisory);
    said.set(feed.name, own);
    const covered = new Set(feed.scopes.map(({ key }) => key));
    for (const { scope } of own) assert.ok(covered.has(scope), scope);
  }
  return { feeds, said };
}

describe('SLES and Leap by the OSV database', () => {
  it('have the feeds that their OVAL files have, by the same names', async () => {
    const { feeds } = await load();
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes[0]?.key]),
      [
        ...['11', '12', '15'].map((major) => [
          `suse-updater-suse.linux.enterprise.server.${major}`,
          `sles:${major}`,
        ]),
        ...['15.5', '15.6'].map((version) => [
          `suse-updater-opensuse.leap.${version}`,
          `opensuse-leap:${version}`,
        ]),
      ],
    );
  });

  it('say each thing of its service pack, once', async () => {
    const { said } = await load();
    const of = (name: string) =>
      said
        .get(`suse-updater-${name}`)!
        .map(({ scope, kind, vulnerability }) => [scope, kind, vulnerability.name]);
    assert.deepEqual(of('suse.linux.enterprise.server.15'), [
      ['sles:15.4', 'source', 'SUSE-SU-2026:1-1'],
      ['sles:15.0', 'source', 'SUSE-SU-2026:3-1'],
    ]);
    assert.deepEqual(of('suse.linux.enterprise.server.12'), [['sles:12.5', 'source', 'SUSE-SU-2026:2-1']]);
    assert.deepEqual(of('suse.linux.enterprise.server.11'), [['sles:11.4', 'source', 'SUSE-SU-2026:4-1']]);
    assert.deepEqual(of('opensuse.leap.15.6'), [['opensuse-leap:15.6', 'source', 'SUSE-SU-2026:1-1']]);
    assert.deepEqual(of('opensuse.leap.15.5'), []);
  });

  const images = [
    [slesRelease('15', '4'), ['SUSE-SU-2026:1-1']],
    [slesRelease('15', '5'), []],
    [slesRelease('15', '0'), ['SUSE-SU-2026:3-1']],
    // An inventory that tells no service pack may be of any.
    [slesRelease('15'), ['SUSE-SU-2026:1-1', 'SUSE-SU-2026:3-1']],
    [slesRelease('12', '5'), ['SUSE-SU-2026:2-1']],
    [leapRelease('15.6'), ['SUSE-SU-2026:1-1']],
  ] as const;
  for (const [distribution, ids] of images) {
    it(`are about ${distribution.prettyName} ${distribution.servicePack ?? ''}: ${ids.length}`, async () => {
      const { said } = await load();
      const source = { name: 'src', version: '1-1' };
      const found = lookups({
        package: { name: 'lib', version: '1-1', kind: 'binary', source },
        distribution,
      });
      const matched = [...said.values()]
        .flat()
        .filter(({ scope, kind, name }) =>
          found.some((each) => each.scope === scope && each.kind === kind && each.name === name),
        );
      assert.deepEqual(matched.map(({ vulnerability }) => vulnerability.name).sort(), ids);
    });
  }

  it('take another word for the source for a mistake', async () => {
    const { context } = fakeUpstream({});
    await assert.rejects(suseFeeds.feeds({ source: 'csaf' }, context), { code: 'bad-config' });
  });
});
