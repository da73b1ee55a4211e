import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { AppError } from '../../errors.ts';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { ubuntuRelease } from './releases.ts';
import { ubuntuFeeds } from './ubuntu-feed.ts';

const SERIES = 'https://launchpad.test/1.0/ubuntu/series';
const OVAL = 'https://oval.test/files/';
const CONFIG = { url: 'https://launchpad.test/1.0', oval_url: 'https://oval.test/files' };
const file = (name: string) => `${OVAL}com.ubuntu.${name}.cve.oval.xml`;

const series = (...entries: unknown[]) => JSON.stringify({ start: 0, total_size: entries.length, entries });
const JAMMY = { active: true, name: 'jammy', version: '22.04' };
const NOBLE = { active: true, name: 'noble', version: '24.04' };

function xml(evr: string): string {
  return `<oval_definitions><definitions><definition class="vulnerability" id="d:1"><metadata>
<title>CVE-1 on Ubuntu 22.04 LTS (jammy) - medium</title><description>One.</description>
<reference source="CVE" ref_id="CVE-1" ref_url="https://x/1"/>
<advisory><severity>Medium</severity><issued date="2025-01-02"/><bug>https://bug/1</bug></advisory></metadata>
<criteria><criterion test_ref="t:1"/><criterion test_ref="t:1"/><criterion test_ref="t:2"/><criterion test_ref="t:3"/></criteria></definition>
<definition class="vulnerability" id="d:2"><metadata><title>CVE-2</title><advisory><severity>medium</severity></advisory></metadata></definition>
</definitions><tests>
<dpkginfo_test id="t:1"><object object_ref="o:1"/><state state_ref="s:1"/></dpkginfo_test>
<dpkginfo_test id="t:2"><object object_ref="o:2"/></dpkginfo_test>
<dpkginfo_test id="t:3"><object object_ref="o:3"/></dpkginfo_test>
</tests><objects>
<dpkginfo_object id="o:1"><name var_ref="v:1"/></dpkginfo_object><dpkginfo_object id="o:2"><name>four</name></dpkginfo_object>
</objects><states><dpkginfo_state id="s:1"><evr>${evr}</evr></dpkginfo_state></states>
<variables><constant_variable id="v:1"><value>one</value><value>two</value></constant_variable></variables></oval_definitions>`;
}

async function load(upstream: ReturnType<typeof fakeUpstream>, config: unknown = CONFIG) {
  const feeds = await ubuntuFeeds.feeds(config, upstream.context);
  const first = feeds[0]!;
  const fetched = await first.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const records = (await Readable.from(fetched.records).toArray()) as Advisory[];
  return { feeds, first, records, fingerprint: fetched.fingerprint };
}

describe('the Ubuntu feeds', () => {
  it('reads the file of a release', async () => {
    const upstream = fakeUpstream({
      [SERIES]: series(JAMMY),
      [file('jammy')]: { body: xml('1:1.0-1ubuntu1 '), headers: { etag: '"1"' } },
    });
    const { feeds, first, records, fingerprint } = await load(upstream);
    assert.equal(feeds.length, 1);
    assert.equal(first.name, 'ubuntu/updater/jammy');
    assert.deepEqual(first.scopes, [{ key: 'ubuntu:22.04', distribution: ubuntuRelease('22.04', 'jammy') }]);
    assert.equal(fingerprint, '"1"');
    assert.deepEqual(
      records.map(({ scope, kind, name, below, fixedInVersion }) => [
        scope,
        kind,
        name,
        below,
        fixedInVersion,
      ]),
      [
        ['ubuntu:22.04', 'binary', 'one', '1:1.0-1ubuntu1', '1:1.0-1ubuntu1 '],
        ['ubuntu:22.04', 'binary', 'two', '1:1.0-1ubuntu1', '1:1.0-1ubuntu1 '],
        ['ubuntu:22.04', 'binary', 'four', undefined, ''],
      ],
    );
    assert.deepEqual(records[0]?.vulnerability, {
      name: 'CVE-1 on Ubuntu 22.04 LTS (jammy) - medium',
      description: 'One.',
      issued: '2025-01-02T00:00:00Z',
      links: 'https://x/1 https://bug/1',
      severity: '',
      normalizedSeverity: 'Medium',
      aliases: ['CVE-1'],
    });
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      ['d:1 t:3'],
    );
    assert.equal(await first.fetch('"1"', undefined, upstream.context), 'unchanged');
    assert.equal(upstream.open(), 0);
  });

  it('takes a fix in version 0 for no fix', async () => {
    const upstream = fakeUpstream({ [SERIES]: series(JAMMY), [file('jammy')]: xml('0') });
    const [first] = (await load(upstream)).records;
    assert.deepEqual([first?.below, first?.fixedInVersion], [undefined, '0']);
  });

  it('keeps a version that is none, for the importer to decide', async () => {
    const upstream = fakeUpstream({ [SERIES]: series(JAMMY), [file('jammy')]: xml('1.0 then') });
    assert.equal((await load(upstream)).records[0]?.below, '1.0 then');
  });

  it('takes the packed file that the server offers, or that is there instead', async (t) => {
    let packed: Buffer;
    try {
      packed = execFileSync('bzip2', { input: xml('1') });
    } catch {
      t.skip('no bzip2 here');
      return;
    }
    const offered = fakeUpstream({
      [SERIES]: series(JAMMY),
      [file('jammy')]: {
        body: xml('2'),
        headers: { 'content-location': 'com.ubuntu.jammy.cve.oval.xml.bz2' },
      },
      [`${file('jammy')}.bz2`]: packed,
    });
    const instead = fakeUpstream({ [SERIES]: series(JAMMY), [`${file('jammy')}.bz2`]: packed });
    for (const upstream of [offered, instead]) assert.equal((await load(upstream)).records[0]?.below, '1');
  });

  it('has a feed for each active series with a file', async () => {
    const next = `${SERIES}?start=75`;
    const upstream = fakeUpstream({
      [SERIES]: JSON.stringify({
        entries: [JAMMY, { ...NOBLE, active: false }, { active: true, name: '../x', version: '1' }, 7],
        next_collection_link: next,
      }),
      [next]: series(
        { ...NOBLE, name: 'oracular' },
        { ...NOBLE, name: 'questing', version: '25.10' },
        { ...NOBLE, name: 'broken', version: '26.04' },
      ),
      [file('jammy')]: xml('1'),
      [file('questing')]: xml('1'),
      [file('broken')]: { status: 503 },
    });
    const { feeds } = await load(upstream);
    assert.deepEqual(
      feeds.map(({ name }) => name),
      ['ubuntu/updater/jammy', 'ubuntu/updater/questing', 'ubuntu/updater/broken'],
    );
    assert.deepEqual(
      upstream.problems.slice(0, 3).map(({ where }) => where),
      [`${SERIES} entry 2`, `${SERIES} entry 3`, file('broken')],
    );
    await assert.rejects(
      async () => feeds[2]?.fetch('', undefined, upstream.context),
      /broken.* returned status 503/,
    );
  });

  it('has a feed for a series that is forced, whatever Launchpad says', async () => {
    const forced = [
      { name: 'jammy', version: '22.04' },
      { name: 'trusty', version: '14.04' },
    ];
    for (const list of [series(JAMMY, NOBLE), undefined]) {
      const upstream = fakeUpstream({ [SERIES]: list, [file('jammy')]: xml('1'), [file('noble')]: xml('1') });
      const { feeds } = await load(upstream, { ...CONFIG, Force: forced });
      assert.deepEqual(
        feeds.map(({ name }) => name.slice('ubuntu/updater/'.length)),
        list === undefined ? ['jammy', 'trusty'] : ['jammy', 'trusty', 'noble'],
      );
    }
  });

  const failures: [what: string, table: Parameters<typeof fakeUpstream>[0], message: RegExp][] = [
    ['no list of series', { [SERIES]: { status: 500 } }, /series answered 500/],
    ['no answer', { [SERIES]: undefined }, /no answer/],
    ['another list', { [SERIES]: '{"entries":1}' }, /no list of series/],
    ['no file at all', { [SERIES]: series(JAMMY) }, /none of 1 series/],
    [
      'a file that is cut short',
      { [SERIES]: series(JAMMY), [file('jammy')]: xml('1').slice(0, 900) },
      /ubuntu\/updater\/jammy: not readable as XML/,
    ],
    [
      'a packed file that is damaged',
      { [SERIES]: series(JAMMY), [file('jammy')]: 'BZh9xxxxxxxxx' },
      /ubuntu\/updater\/jammy: .*bzip2/,
    ],
  ];
  for (const [what, table, message] of failures) {
    it(`fails for ${what}`, async () => {
      const upstream = fakeUpstream(table);
      await assert.rejects(
        load(upstream),
        (error) => error instanceof AppError && error.code === 'feed' && message.test(error.message),
      );
      assert.equal(upstream.open(), 0);
    });
  }
});
