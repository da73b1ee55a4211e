import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { Feed, FeedSet } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { leapRelease, photonRelease, slesRelease } from '../scopes/releases.ts';
import { oracleScope } from '../scopes/scopes.ts';
import { oracleFeeds } from './oracle-feed.ts';
import { photonFeeds } from './photon-feed.ts';
import { suseFeeds } from './suse-feed.ts';

const FOLDER = 'https://oval.test/files';
const CONFIG = { url: FOLDER };
type Upstream = ReturnType<typeof fakeUpstream>;

interface Definition {
  readonly platforms?: readonly string[];
  readonly cpes?: readonly string[];
  readonly severity?: string;
  /** `evr` and `arch` elements of the state of each test; undefined: no state. */
  readonly tests?: readonly (string | undefined)[];
  readonly more?: string;
  readonly title?: string;
}

const LESS = '<evr operation="less than">1:2-3.el9</evr>';

function xml(...definitions: Definition[]): string {
  const parts = { definitions: '', tests: '', states: '' };
  for (const [at, definition] of definitions.entries()) {
    const { platforms = [], cpes = [], severity = 'Important', tests = [LESS], more = '' } = definition;
    const { title = `\nN-${at}: CVE-2025-0001\n` } = definition;
    parts.definitions += `<definition class="patch" id="d:${at}"><metadata><title>${title}</title>
<affected>${platforms.map((text) => `<platform>${text}</platform>`).join('')}</affected>
<reference source="elsa" ref_id="N-${at}" ref_url="https://x/n"/><reference source="CVE" ref_id="CVE:1:CVE-2025-0001" ref_url="https://x/1"/>
<description>Text.</description><advisory><severity>${severity}</severity><issued date="2025-01-02"/>
<cve href="https://x/2">CVE-2025-0001</cve><affected_cpe_list>${cpes.map((cpe) => `<cpe>${cpe}</cpe>`).join('')}</affected_cpe_list></advisory></metadata>
<criteria>${more}<criteria>${tests.map((_, test) => `<criterion test_ref="t:${at}.${test}"/>`).join('')}</criteria></criteria></definition>`;
    for (const [test, state] of tests.entries()) {
      const id = `${at}.${test}`;
      parts.tests += `<rpminfo_test id="t:${id}"><object object_ref="o:1"/>${state === undefined ? '' : `<state state_ref="s:${id}"/>`}</rpminfo_test>`;
      if (state !== undefined) parts.states += `<rpminfo_state id="s:${id}">${state}</rpminfo_state>`;
    }
  }
  return `<oval_definitions><definitions>${parts.definitions}</definitions><tests>${parts.tests}</tests>
<objects><rpminfo_object id="o:1"><name>one</name></rpminfo_object></objects><states>${parts.states}</states></oval_definitions>`;
}

async function feedOf(set: FeedSet, name: string, upstream: Upstream): Promise<Feed> {
  const feed = (await set.feeds(CONFIG, upstream.context)).find((each) => each.name === name);
  assert.ok(feed, name);
  return feed;
}

async function recordsOf(feed: Feed, upstream: Upstream, config?: unknown): Promise<Advisory[]> {
  const fetched = await feed.fetch('', config, upstream.context);
  assert.ok(fetched !== 'unchanged');
  return (await Readable.from(fetched.records).toArray()) as Advisory[];
}

/** What the Photon feed makes of one file. */
async function read(...definitions: Definition[]): Promise<Advisory[]> {
  const upstream = fakeUpstream({ [`${FOLDER}/com.vmware.phsa-photon5.xml`]: xml(...definitions) });
  return recordsOf(await feedOf(photonFeeds, 'photon-updater-5.0', upstream), upstream);
}

describe('advisories in OVAL about rpms', () => {
  it('say what Clair says of them', async () => {
    assert.deepEqual(await read({}), [
      {
        scope: 'photon:5.0',
        name: 'one',
        kind: 'binary',
        below: '1:2-3.el9',
        fixedInVersion: '1:2-3.el9',
        vulnerability: {
          name: '\nN-0: CVE-2025-0001\n',
          description: 'Text.',
          issued: '2025-01-02T00:00:00Z',
          links: 'https://x/n https://x/1 https://x/2',
          severity: 'Important',
          normalizedSeverity: 'High',
          aliases: ['CVE-2025-0001'],
        },
      },
    ]);
  });

  const states: [state: string | undefined, want: Partial<Advisory> | undefined][] = [
    [undefined, { fixedInVersion: '' }],
    ['<evr operation="less than"> </evr>', { fixedInVersion: '' }],
    ['<evr operation="less than">0:0-0</evr>', undefined],
    ['<evr operation="less than or equal">1-1</evr>', { upTo: '1-1', fixedInVersion: '' }],
    ['<evr operation="greater than">0:0-0</evr>', { from: '0:0-0', fixedInVersion: '' }],
    ['<evr>1-1</evr>', { from: '1-1', upTo: '1-1', fixedInVersion: '' }],
    ['<evr operation="not equal">1-1</evr>', { fixedInVersion: '' }],
    ['<signature_keyid>1</signature_keyid>', undefined],
    ['<version operation="equals">15.5</version>', undefined],
  ];
  for (const [state, want] of states) {
    it(`reads the bounds of ${state ?? 'no state'}`, async () => {
      const found = (await read({ tests: [state] })).map(({ from, below, upTo, fixedInVersion }) => ({
        ...(from !== undefined && { from }),
        ...(below !== undefined && { below }),
        ...(upTo !== undefined && { upTo }),
        fixedInVersion,
      }));
      assert.deepEqual(found, want === undefined ? [] : [want]);
    });
  }

  const arches: [text: string, operation: string, arches: string[] | undefined, shown: string | undefined][] =
    [
      ['x86_64', 'equals', ['x86_64'], undefined],
      ['x86_64', 'pattern match', ['x86_64'], 'x86_64'],
      ['aarch64|x86_64', 'pattern match', ['aarch64', 'x86_64'], 'aarch64|x86_64'],
      ['(aarch64|x86_64)', 'pattern match', ['aarch64', 'x86_64'], '(aarch64|x86_64)'],
      ['^i[3-6]86$', 'pattern match', undefined, '^i[3-6]86$'],
      ['(a|)', 'pattern match', undefined, '(a|)'],
      ['src', 'not equal', undefined, undefined],
      ['', 'pattern match', undefined, undefined],
    ];
  for (const [text, operation, want, shown] of arches) {
    it(`reads the architecture ${operation} ${text || '""'}`, async () => {
      const [advisory] = await read({ tests: [`<arch operation="${operation}">${text}</arch>${LESS}`] });
      assert.deepEqual([advisory?.arches, advisory?.shownArch], [want, shown]);
    });
  }

  it('says each once, and each of a definition whose other tests lead nowhere', async () => {
    const other = '<evr operation="less than">4-5</evr>';
    const found = await read({ tests: [LESS, LESS, other], more: '<criterion test_ref="t:none"/>' }, {});
    assert.deepEqual(
      found.map(({ below, vulnerability }) => [vulnerability.name.trim().slice(0, 3), below]),
      [
        ['N-0', '1:2-3.el9'],
        ['N-0', '4-5'],
        ['N-1', '1:2-3.el9'],
      ],
    );
  });

  it('holds for the modules that have to be enabled', async () => {
    const module = (name: string) => `<criterion test_ref="t:none" comment="Module ${name} is enabled"/>`;
    const of = async (more: string) => (await read({ more })).map((advisory) => advisory.module);
    assert.deepEqual(await of(module('nodejs:16')), ['nodejs:16']);
    assert.deepEqual(await of(module('a:1') + module('b:2') + module('a:1')), ['a:1', 'b:2']);
    assert.deepEqual(await of('<criterion test_ref="t:none" comment="The Module a is enabled"/>'), [
      undefined,
    ]);
  });

  it('are asked for again only when they are new', async () => {
    const url = `${FOLDER}/com.vmware.phsa-photon1.xml`;
    const upstream = fakeUpstream({ [url]: { body: xml({}), headers: { etag: '"1"' } } });
    const feed = await feedOf(photonFeeds, 'photon-updater-1.0', upstream);
    const fetched = await feed.fetch('', undefined, upstream.context);
    assert.ok(fetched !== 'unchanged');
    assert.equal(fetched.fingerprint, '"1"');
    assert.equal(await feed.fetch('"1"', undefined, upstream.context), 'unchanged');
    assert.equal(upstream.open(), 0);
  });

  it('come from the former address of Photon if the new one has none, and the first failure is told', async () => {
    const name = 'com.vmware.phsa-photon1.xml';
    const of = (host: string): string => `https://${host}/photon/photon_oval_definitions/${name}`;
    const [now, before] = [of('packages.broadcom.com'), of('packages.vmware.com')];
    for (const table of [
      { [before]: xml({}) },
      { [now]: undefined, [before]: xml({}) },
      { [now]: xml({}) },
    ]) {
      const upstream = fakeUpstream(table);
      const [feed] = await photonFeeds.feeds(undefined, upstream.context);
      assert.equal((await recordsOf(feed!, upstream)).length, 1);
      assert.deepEqual(
        upstream.requests,
        (now in table && table[now] !== undefined ? [now] : [now, before]).map((url) => `GET ${url}`),
      );
      assert.equal(upstream.open(), 0);
    }
    const nothing = fakeUpstream({});
    const [feed] = await photonFeeds.feeds(undefined, nothing.context);
    await assert.rejects(feed!.fetch('', undefined, nothing.context), /packages\.broadcom\.com/);
    const mirror = fakeUpstream({ [before]: xml({}) });
    const [configured] = await photonFeeds.feeds({ url: 'https://mirror.test/' }, mirror.context);
    await assert.rejects(configured!.fetch('', undefined, mirror.context), /mirror\.test/);
    assert.deepEqual(mirror.requests, [`GET https://mirror.test/${name}`]);
  });

  it('come from where the configuration of the feed says, packed or not', async () => {
    const url = 'https://mirror.test/x';
    for (const [body, compression] of [
      [xml({}), 'none'],
      [gzipSync(xml({})), 'gzip'],
      [zstdCompressSync(xml({})), 'zstd'],
    ] as const) {
      const upstream = fakeUpstream({ [url]: body });
      const feed = await feedOf(photonFeeds, 'photon-updater-2.0', upstream);
      assert.equal((await recordsOf(feed, upstream, { url, compression })).length, 1);
      await assert.rejects(
        feed.fetch('', { url, compression: 'rot13' }, upstream.context),
        /photon-updater-2\.0\.compression/,
      );
    }
  });

  it('are read, or fail as feeds do, whatever is in the file', async () => {
    const whole = Buffer.from(
      xml({ tests: [`<arch operation="pattern match">(a|b)</arch>${LESS}`, undefined] }),
    );
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(20), fc.string({ maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, length, text]) => {
        const body = Buffer.concat([whole.subarray(0, at), Buffer.from(text), whole.subarray(at + length)]);
        const upstream = fakeUpstream({ [`${FOLDER}/com.vmware.phsa-photon5.xml`]: body });
        const feed = await feedOf(photonFeeds, 'photon-updater-5.0', upstream);
        try {
          for (const { name, scope } of await recordsOf(feed, upstream)) {
            assert.notEqual(name, '');
            assert.equal(scope, 'photon:5.0');
          }
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'feed', String(error));
        }
      }),
      { numRuns: 200 },
    );
  });

  for (const body of [
    '<oval_definitions><definitions>',
    gzipSync(xml({})).subarray(0, 100),
    zstdCompressSync(xml({})).subarray(0, 100),
    'BZh9xxxxxxxx',
  ]) {
    it(`fail for ${body.toString('latin1').slice(0, 4)}… that ends early`, async () => {
      const upstream = fakeUpstream({ [`${FOLDER}/com.vmware.phsa-photon5.xml`]: body });
      const feed = await feedOf(photonFeeds, 'photon-updater-5.0', upstream);
      await assert.rejects(
        recordsOf(feed, upstream),
        (error) =>
          error instanceof AppError && error.code === 'feed' && /photon-updater-5\.0/.test(error.message),
      );
      assert.equal(upstream.open(), 0);
    });
  }
});

describe('the Photon feeds', () => {
  it('are one for each release', async () => {
    const feeds = await photonFeeds.feeds(undefined, fakeUpstream({}).context);
    assert.deepEqual(
      feeds.map(({ name }) => name),
      [1, 2, 3, 4, 5].map((major) => `photon-updater-${major}.0`),
    );
    assert.deepEqual(feeds[2]?.scopes, [{ key: 'photon:3.0', distribution: photonRelease('3.0') }]);
  });
});

describe('the Oracle feeds', () => {
  const file = (year: number) => `${FOLDER}/com.oracle.elsa-${year}.xml.bz2`;

  it('are one for each year, about all releases', async () => {
    const feeds = await oracleFeeds.feeds(undefined, fakeUpstream({}).context);
    assert.equal(feeds.length, 20);
    assert.deepEqual([feeds[0]?.name, feeds[19]?.name], ['oracle-2007-updater', 'oracle-2026-updater']);
    assert.deepEqual(feeds[0]?.scopes, [
      ...['5', '6', '7', '8', '9', '10'].map((major) => oracleScope(major)),
      ...['5', '6', '7', '8', '9', '10'].flatMap((major) =>
        (['fips', 'ksplice'] as const).map((build) => oracleScope(major, build)),
      ),
    ]);
  });

  it('are known by the id in front of their titles', async () => {
    const title = '\nELSA-2024-0001:  gnutls security update (MODERATE)\n';
    const upstream = fakeUpstream({ [file(2024)]: xml({ platforms: ['Oracle Linux 8'], title }) });
    const [found] = await recordsOf(await feedOf(oracleFeeds, 'oracle-2024-updater', upstream), upstream);
    assert.equal(found?.vulnerability.name, title);
    assert.deepEqual(found?.vulnerability.aliases?.slice(0, 1), ['ELSA-2024-0001']);
  });

  it('have an advisory for each platform of a definition, of builds for which it is', async () => {
    const ksplice = 'cpe:/a:oracle:linux:8::userspace_ksplice';
    const upstream = fakeUpstream({
      [file(2024)]: xml(
        { platforms: ['Oracle Linux 8', 'Oracle Linux 10', 'Oracle Linux 8'], severity: 'MODERATE' },
        { platforms: ['Oracle Linux 8'], cpes: [ksplice] },
        {
          platforms: ['Oracle Linux 9'],
          cpes: [ksplice, 'cpe:/a:oracle:linux:9::baseos'],
          severity: 'toString',
        },
        { platforms: ['Oracle Linux 3', 'Oracle VM 2'] },
        { platforms: ['Oracle Linux 11'] },
      ),
    });
    const found = await recordsOf(await feedOf(oracleFeeds, 'oracle-2024-updater', upstream), upstream);
    assert.deepEqual(
      found.map(({ scope, vulnerability }) => [scope, vulnerability.normalizedSeverity]),
      [
        ['ol:8', 'Medium'],
        ['ol:10', 'Medium'],
        ['ol:8:ksplice', 'Unknown'],
        ['ol:9', 'Unknown'],
      ],
    );
    assert.deepEqual(upstream.problems, [{ where: 'd:4', reason: 'Oracle Linux 11 is not known yet' }]);
  });

  it('have none of a year that only begins, but miss a file that was there', async () => {
    const upstream = fakeUpstream({});
    const current = await feedOf(oracleFeeds, 'oracle-2026-updater', upstream);
    assert.deepEqual(await recordsOf(current, upstream), []);
    await assert.rejects(current.fetch('"1"', undefined, upstream.context), /elsa-2026.* status 404/);
    const older = await feedOf(oracleFeeds, 'oracle-2025-updater', upstream);
    await assert.rejects(older.fetch('', undefined, upstream.context), /elsa-2025.* status 404/);
    assert.equal(upstream.open(), 0);
  });
});

describe('the SUSE feeds', () => {
  const listing = (...hrefs: string[]) => hrefs.map((href) => `<a href="${href}">x</a>`).join('\n');

  it('are those that the folder lists, each once', async () => {
    const upstream = fakeUpstream({
      [`${FOLDER}/`]: listing(
        '../../',
        'suse.linux.enterprise.server.12.xml.gz',
        'suse.linux.enterprise.server.15.xml.gz',
        '../suse.linux.enterprise.server.15.xml.gz',
        'suse.linux.enterprise.server.15.xml.gz.sha256',
        'suse.linux.enterprise.server.15-patch.xml.gz',
        'suse.linux.enterprise.server.15.5.xml.gz',
        'old-suse.linux.enterprise.server.11.xml.gz',
        'suse.linux.enterprise.desktop.10.xml.gz',
        'opensuse.leap.15.4.xml.gz',
        '/pub/opensuse.leap.15.6.xml.gz',
        'opensuse.leap.16.0.xml.gz',
        'opensuse.leap.42.3.xml.gz',
      ),
      [`${FOLDER}/suse.linux.enterprise.server.15.xml.gz`]: gzipSync(xml({})),
    });
    const feeds = await suseFeeds.feeds(CONFIG, upstream.context);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name.slice('suse-updater-'.length), scopes[0]]),
      [
        ['suse.linux.enterprise.server.12', { key: 'sles:12', distribution: slesRelease('12') }],
        ['suse.linux.enterprise.server.15', { key: 'sles:15', distribution: slesRelease('15') }],
        ['opensuse.leap.15.6', { key: 'opensuse-leap:15.6', distribution: leapRelease('15.6') }],
        ['opensuse.leap.16.0', { key: 'opensuse-leap:16.0', distribution: leapRelease('16.0') }],
      ],
    );
    const [advisory] = await recordsOf(feeds[1]!, upstream);
    assert.deepEqual(
      [advisory?.scope, advisory?.vulnerability.issued, advisory?.vulnerability.normalizedSeverity],
      ['sles:15', undefined, 'High'],
    );
    assert.equal(upstream.open(), 0);
  });

  for (const answer of [{ status: 503 }, '<html>nothing</html>', undefined]) {
    it(`fail for ${JSON.stringify(answer) ?? 'no answer'}`, async () => {
      const upstream = fakeUpstream({ [`${FOLDER}/`]: answer });
      await assert.rejects(
        suseFeeds.feeds(CONFIG, upstream.context),
        (error) => error instanceof AppError && error.code === 'feed',
      );
      assert.equal(upstream.open(), 0);
    });
  }
});
