import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Feed } from '../../contract/feed.ts';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { derivativeFeeds } from './derivative-feeds.ts';
import { alpineFeeds, releaseFeed } from './feeds.ts';
import { idsIn } from './ids.ts';

const BASE = 'https://secdb.example/';
const CONFIG = { url: BASE };

/** An upstream with these releases, each with these repositories. */
function upstreamOf(releases: Record<string, string[]>) {
  const table: Record<string, string> = { [`${BASE}last-update`]: '2026-01-01' };
  for (const [release, repositories] of Object.entries(releases)) {
    table[`${BASE}${release}/`] = '';
    for (const repository of repositories) table[`${BASE}${release}/${repository}.json`] = '{"packages":[]}';
  }
  return fakeUpstream(table);
}

async function namesOf(upstream: ReturnType<typeof fakeUpstream>): Promise<string[]> {
  const feeds = await alpineFeeds.feeds(CONFIG, upstream.context);
  return feeds.map(({ name }) => name);
}

describe('alpineFeeds', () => {
  const both = ['main', 'community'];

  it('asks which releases and repositories there are', async () => {
    const upstream = upstreamOf({ 'v3.3': both, 'v3.4': ['main'], edge: both });
    assert.deepEqual(await namesOf(upstream), [
      'alpine-main-v3.3-updater',
      'alpine-community-v3.3-updater',
      'alpine-main-v3.4-updater',
      'alpine-main-edge-updater',
      'alpine-community-edge-updater',
    ]);
    assert.deepEqual(upstream.problems, []);
    assert.equal(upstream.open(), 0);
  });

  it('ends a series at its first 404, and goes on with the next major', async () => {
    const releases = ['v3.3', 'v3.4', 'v3.6', 'v4.0', 'v4.1', 'v6.0'];
    const names = await namesOf(
      upstreamOf(Object.fromEntries(releases.map((release) => [release, ['main']]))),
    );
    assert.deepEqual(
      names,
      ['v3.3', 'v3.4', 'v4.0', 'v4.1'].map((release) => `alpine-main-${release}-updater`),
    );
  });

  it('goes on over many releases', async () => {
    const releases = Array.from({ length: 40 }, (_, index) => `v3.${3 + index}`);
    const names = await namesOf(
      upstreamOf(Object.fromEntries(releases.map((release) => [release, ['main']]))),
    );
    assert.deepEqual(
      names,
      releases.map((release) => `alpine-main-${release}-updater`),
    );
  });

  it('does not end a series at another answer, which is a problem', async () => {
    const upstream = upstreamOf({ 'v3.3': ['main'], 'v3.4': ['main'], 'v3.5': ['main'] });
    upstream.answers.set(`${BASE}v3.4/`, { status: 503 });
    upstream.answers.set(`${BASE}v3.5/main.json`, undefined);
    assert.deepEqual(await namesOf(upstream), [
      'alpine-main-v3.3-updater',
      'alpine-main-v3.4-updater',
      'alpine-main-v3.5-updater',
    ]);
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      [`${BASE}v3.4/`, `${BASE}v3.5/main.json`],
    );
  });

  for (const status of [200, 403, 500]) {
    it(`does not go on forever where everything answers ${status}`, async () => {
      const upstream = upstreamOf({});
      const { context } = upstream;
      let requests = 0;
      const ask = async (url: string) => {
        requests++;
        upstream.answers.set(url, { status: url.endsWith('last-update') ? 200 : status });
        return context.request(url);
      };
      await alpineFeeds.feeds(CONFIG, { ...context, request: ask });
      assert.ok(requests < 3000);
    });
  }

  it('fails where there is no security database', async () => {
    const upstream = fakeUpstream({});
    await assert.rejects(alpineFeeds.feeds(CONFIG, upstream.context), {
      code: 'feed',
      message: /last-update.*404/,
    });
  });

  it('checks its configuration', async () => {
    const { context, requests } = upstreamOf({});
    await assert.rejects(alpineFeeds.feeds({ url: 'ftp://x/' }, context), {
      code: 'bad-config',
      message: /updaters\.config\.alpine\.url/,
    });
    await alpineFeeds.feeds({ url: 'https://secdb.example' }, context);
    assert.equal(requests[0], `GET ${BASE}last-update`);
  });
});

describe('releaseFeed', () => {
  const url = `${BASE}v3.18/main.json`;
  const feed: Feed = releaseFeed('v3.18', 'main', url);

  async function load(packages: unknown[]) {
    const upstream = fakeUpstream({ [url]: JSON.stringify({ reponame: 'main', packages }) });
    const fetched = await feed.fetch('', undefined, upstream.context);
    assert.notEqual(fetched, 'unchanged');
    const advisories: Advisory[] = [];
    for await (const each of (fetched as { records: AsyncIterable<Advisory> }).records) advisories.push(each);
    const lines = advisories.map((each) => `${each.vulnerability.name} ${each.name} < ${each.below}`);
    return { advisories, lines, problems: upstream.problems };
  }

  it('says all that Clair says', async () => {
    const { advisories } = await load([
      { pkg: { name: 'openssl', secfixes: { '3.1.4-r0': ['CVE-2023-5363'] } } },
    ]);
    assert.deepEqual(advisories, [
      {
        scope: 'alpine:3.18',
        name: 'openssl',
        kind: 'source',
        below: '3.1.4-r0',
        fixedInVersion: '3.1.4-r0',
        vulnerability: {
          name: 'CVE-2023-5363',
          description: '',
          links: 'https://security.alpinelinux.org/vuln/CVE-2023-5363',
          severity: '',
          normalizedSeverity: 'Unknown',
        },
      },
    ]);
    const distribution = feed.scopes[0]?.distribution;
    assert.equal(feed.scopes[0]?.key, 'alpine:3.18');
    assert.deepEqual(
      [distribution?.did, distribution?.versionId, distribution?.prettyName],
      ['alpine', '3.18', 'Alpine Linux v3.18'],
    );
  });

  it('leaves out what never was affected, and takes ids apart', async () => {
    const secfixes = {
      '': ['CVE-2020-5'],
      '0': ['CVE-2020-1'],
      '1-r0': ['CVE-2020-2 XSA-2', 'CVE-2020-3'],
      '2-r0': null,
      '3-r0': ['CVE-2020-4', 'CVE-2020-4'],
    };
    const { lines, problems } = await load([{ pkg: { name: 'xen', secfixes } }]);
    assert.deepEqual(lines, [
      'CVE-2020-5 xen < undefined',
      'CVE-2020-2 xen < 1-r0',
      'XSA-2 xen < 1-r0',
      'CVE-2020-3 xen < 1-r0',
      'CVE-2020-4 xen < 3-r0',
    ]);
    assert.deepEqual(problems, []);
  });

  it('keeps the rest if one package cannot be read', async () => {
    const good = { pkg: { name: 'a', secfixes: { '1-r0': ['CVE-2020-1'] } } };
    const { lines, problems } = await load([
      good,
      null,
      { pkg: { name: 'b', secfixes: [] } },
      { pkg: { name: 'c', secfixes: { '1': [7] } } },
      good,
    ]);
    assert.deepEqual(lines, ['CVE-2020-1 a < 1-r0', 'CVE-2020-1 a < 1-r0']);
    assert.deepEqual(
      problems.map(({ where }) => where),
      ['packages.1', 'packages.2.pkg.secfixes', 'packages.3.pkg.secfixes.1.0'],
    );
  });

  it('is unchanged where the server says so, or the ETag is the same', async () => {
    const { context, open } = fakeUpstream({ [url]: { headers: { etag: '"1"' }, body: '{"packages":[]}' } });
    const first = await feed.fetch('', {}, context);
    assert.ok(first !== 'unchanged' && first.fingerprint === '"1"');
    for await (const _ of first.records);
    assert.equal(await feed.fetch('"1"', {}, context), 'unchanged');
    const deaf = { ...context, request: (to: string) => context.request(to) };
    assert.equal(await feed.fetch('"1"', {}, deaf), 'unchanged');
    assert.equal(open(), 0);
  });

  it('fails on any other status, and on what is no database', async () => {
    await assert.rejects(feed.fetch('', {}, fakeUpstream({}).context), {
      code: 'feed',
      message: /main\.json.*404/,
    });
    const fetched = await feed.fetch('', {}, fakeUpstream({ [url]: '<html>' }).context);
    assert.ok(fetched !== 'unchanged');
    await assert.rejects(
      async () => {
        for await (const _ of fetched.records);
      },
      { code: 'feed' },
    );
  });

  it('takes another URL from its configuration', async () => {
    const { context, requests } = fakeUpstream({ 'https://mirror.example/x.json': '{"packages":[]}' });
    await feed.fetch('', { url: 'https://mirror.example/x.json' }, context);
    assert.deepEqual(requests, ['GET https://mirror.example/x.json']);
  });
});

describe('derivativeFeeds', () => {
  const packages = [
    {
      pkg: {
        name: 'a',
        secfixes: { '0': ['CVE-2020-1'], '1-r0': ['CVE-2020-2', 'GHSA-2222-3333-4444', 'CGA-1', 'MINI-a1'] },
      },
    },
  ];

  it('has one file for each distribution', async () => {
    const base = 'https://packages.example/security.json';
    const { context } = fakeUpstream({ [base]: JSON.stringify({ packages }) });
    for (const [id, name] of [
      ['wolfi', 'Wolfi'],
      ['chainguard', 'Chainguard'],
      ['minimos', 'MinimOS'],
    ] as const) {
      const [feed, ...others] = await derivativeFeeds[id]!.feeds({ url: base }, context);
      assert.equal(others.length, 0);
      assert.equal(feed?.name, `${id}-updater`);
      assert.deepEqual(
        feed.scopes.map(({ key, distribution }) => [key, distribution?.did, distribution?.name]),
        [[id, id, name]],
      );
      const fetched = await feed.fetch('', undefined, context);
      assert.ok(fetched !== 'unchanged');
      const advisories: Advisory[] = [];
      for await (const advisory of fetched.records) advisories.push(advisory);
      assert.deepEqual(
        advisories.map(({ scope, below, vulnerability }) => [
          scope,
          below,
          vulnerability.name,
          vulnerability.links,
        ]),
        [
          [id, '1-r0', 'CVE-2020-2', 'https://www.cve.org/CVERecord?id=CVE-2020-2'],
          [id, '1-r0', 'GHSA-2222-3333-4444', 'https://github.com/advisories/GHSA-2222-3333-4444'],
          [id, '1-r0', 'CGA-1', 'https://images.chainguard.dev/security/CGA-1'],
          [id, '1-r0', 'MINI-a1', 'https://packages.mini.dev/advisories/osv/MINI-a1.json'],
        ],
      );
    }
  });

  it('asks where they are published, or where the configuration says', async () => {
    const { context, requests } = fakeUpstream({});
    const [wolfi] = await derivativeFeeds.wolfi!.feeds(undefined, context);
    await assert.rejects(wolfi!.fetch('', undefined, context), { code: 'feed' });
    await assert.rejects(wolfi!.fetch('', { url: 'https://mirror.example/w.json' }, context), {
      code: 'feed',
    });
    assert.deepEqual(requests, [
      'GET https://packages.wolfi.dev/os/security.json',
      'GET https://mirror.example/w.json',
    ]);
    await assert.rejects(derivativeFeeds.chainguard!.feeds({ url: 7 }, context), { code: 'bad-config' });
  });
});

describe('idsIn', () => {
  const cases: [text: string, want: string[]][] = [
    ['CVE-2019-0001', ['CVE-2019-0001']],
    ['CVE-2019-0001 XSA-100', ['CVE-2019-0001', 'XSA-100']],
    [
      'CVE-2019-0001, CVE-2019-0002;GHSA-aaaa-1bbb-cccc',
      ['CVE-2019-0001', 'CVE-2019-0002', 'GHSA-aaaa-1bbb-cccc'],
    ],
    ['CVE-2019-0001 (only the 2nd server)', ['CVE-2019-0001']],
    ['CVE-2019-0001 NICKNAME', ['CVE-2019-0001']],
    ['CVE-2019-0001 GHSA-wxyz-cccc-ffff', ['CVE-2019-0001', 'GHSA-wxyz-cccc-ffff']],
    ['CVE 2019-0001', ['CVE-2019-0001']],
    ['CVE_2019-0001', ['CVE_2019-0001']],
    ['wnpa-sec-2018-44', ['wnpa-sec-2018-44']],
    ['unnamed', ['unnamed']],
    [' ', []],
  ];
  for (const [text, want] of cases) it(JSON.stringify(text), () => assert.deepEqual(idsIn(text), want));
});
