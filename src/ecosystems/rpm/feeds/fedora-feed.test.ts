import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Fetched } from '../../../contract/feed.ts';
import { type FakeUpstream, fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { NO_DISTRIBUTION } from '../../../model/package.ts';
import { lookups } from '../lookups.ts';
import { epelFeeds, fedoraFeeds } from './fedora-feed.ts';
import { composeUpdates, repositoryAt, type UpdateFacts } from './updates.fixture.ts';

const HERE = 'https://fedora.test/updates/';
const ARCHIVE = 'https://archive.test/updates/';
const BODHI = 'https://bodhi.test/';
const CONFIG = { url: HERE, archive_url: ARCHIVE, bodhi_url: '' };
const of = (release: number, base = HERE) => `${base}${release}/Everything/x86_64/`;

const CURL = { name: 'curl', epoch: '0', version: '8.9.1', release: '3.fc41' };
const UPDATE: UpdateFacts = {
  id: 'FEDORA-2026-0123456789',
  title: 'curl-8.9.1-3.fc41',
  severity: 'Moderate',
  references: [
    {
      href: 'https://bugzilla.redhat.com/show_bug.cgi?id=1',
      id: '1',
      title: 'CVE-2026-0001 curl: bad',
      type: 'bugzilla',
    },
  ],
  packages: [
    { ...CURL, arch: 'src' },
    { ...CURL, arch: 'x86_64' },
    { ...CURL, arch: 'aarch64' },
    { ...CURL, name: 'libcurl', arch: 'x86_64' },
    { ...CURL, name: 'curl-debuginfo', arch: 'x86_64' },
  ],
};

async function recordsOf(fetched: Fetched<Advisory> | 'unchanged'): Promise<Advisory[]> {
  assert.ok(fetched !== 'unchanged');
  const records: Advisory[] = [];
  for await (const record of fetched.records) records.push(record);
  return records;
}

async function load(upstream: FakeUpstream, release = 41): Promise<Advisory[]> {
  const feeds = await fedoraFeeds.feeds(CONFIG, upstream.context);
  const feed = feeds.find(({ name }) => name === `fedora-${release}-updater`);
  return recordsOf(await feed!.fetch('', undefined, upstream.context));
}

describe('the feeds of Fedora', () => {
  it('are those of releases that have updates, here or in the archive', async () => {
    const upstream = fakeUpstream({
      ...repositoryAt(of(43), composeUpdates([UPDATE])),
      ...repositoryAt(of(41), composeUpdates([UPDATE])),
      ...repositoryAt(of(38, ARCHIVE), composeUpdates([UPDATE])),
    });
    const feeds = await fedoraFeeds.feeds(CONFIG, upstream.context);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes[0]?.key, scopes[0]?.distribution?.prettyName]),
      ['38', '41', '43'].map((number) => [
        `fedora-${number}-updater`,
        `fedora:${number}`,
        `Fedora Linux ${number}`,
      ]),
    );
    assert.equal((await load(upstream, 38)).length, 3);
    await assert.rejects(fedoraFeeds.feeds(CONFIG, fakeUpstream({}).context), {
      code: 'feed',
      message: /updaters\.config\.fedora\.url/,
    });
  });

  it('stay listed while nobody can say whether a release is there', async () => {
    const upstream = fakeUpstream({
      ...repositoryAt(of(41), composeUpdates([UPDATE])),
      [`${of(42)}repodata/repomd.xml`]: { status: 503 },
      [`${of(43, ARCHIVE)}repodata/repomd.xml`]: undefined,
    });
    const feeds = await fedoraFeeds.feeds(CONFIG, upstream.context);
    assert.deepEqual(
      feeds.map(({ name }) => name),
      ['fedora-41-updater', 'fedora-42-updater', 'fedora-43-updater'],
    );
  });

  it('have a place of their own, where nobody else answers', async () => {
    const mirror = 'https://mirror.test/f41/';
    const { context } = fakeUpstream(repositoryAt(mirror, composeUpdates([UPDATE])));
    const request = (url: string, options?: Parameters<typeof context.request>[1]) =>
      url.startsWith(mirror) ? context.request(url, options) : Promise.reject(new Error(`${url}: no answer`));
    const feeds = await fedoraFeeds.feeds(CONFIG, { ...context, request });
    const feed = feeds.find(({ name }) => name === 'fedora-41-updater')!;
    await assert.rejects(feed.fetch('', undefined, { ...context, request }), { code: 'feed' });
    const fetched = await feed.fetch('', { url: mirror }, { ...context, request });
    assert.equal((await recordsOf(fetched)).length, 3);
  });

  it('have what was built of a source, and each package of it', async () => {
    const records = await load(fakeUpstream(repositoryAt(of(41), composeUpdates([UPDATE]))));
    assert.deepEqual(
      records.map(({ scope, kind, name, arches, below }) => [scope, kind, name, arches, below]),
      [
        ['fedora:41', 'source', 'curl', undefined, '8.9.1-3.fc41'],
        ['fedora:41', 'binary', 'curl', undefined, '8.9.1-3.fc41'],
        ['fedora:41', 'binary', 'libcurl', undefined, '8.9.1-3.fc41'],
      ],
    );
    assert.deepEqual(records[0]?.vulnerability, {
      name: 'FEDORA-2026-0123456789',
      description: '',
      issued: '2026-02-03T04:05:06Z',
      links:
        'https://bodhi.fedoraproject.org/updates/FEDORA-2026-0123456789 https://bugzilla.redhat.com/show_bug.cgi?id=1',
      severity: 'Moderate',
      normalizedSeverity: 'Medium',
      aliases: ['CVE-2026-0001'],
    });
    const installed = { name: 'old-libcurl', version: '8.9.1-2.fc41', kind: 'binary' } as const;
    const found = lookups({
      package: { ...installed, source: { name: 'curl', version: '8.9.1-2.fc41' } },
      distribution: { ...NO_DISTRIBUTION, did: 'fedora', versionId: '41' },
    });
    assert.ok(
      found.some(({ scope, kind, name }) =>
        records.some((each) => each.scope === scope && each.kind === kind && each.name === name),
      ),
      'a package that the update has renamed',
    );
  });

  it('pass over updates that are about no vulnerability, not those that name one', async () => {
    const bugfix = { ...UPDATE, id: 'FEDORA-2026-b', type: 'bugfix', references: [] };
    const updates = [
      bugfix,
      { ...bugfix, id: 'FEDORA-2026-c', type: 'enhancement', title: 'fixes CVE-2026-0002' },
      { ...bugfix, id: 'FEDORA-2026-d', type: 'bugfix', description: 'It closes CVE-2026-0003.' },
      { ...bugfix, id: 'FEDORA-2026-e', type: 'unspecified' },
      { ...bugfix, id: 'FEDORA-2026-f', type: 'security' },
    ];
    const records = await load(fakeUpstream(repositoryAt(of(41), composeUpdates(updates))));
    assert.deepEqual(
      [...new Set(records.map(({ vulnerability: { name } }) => name))],
      ['FEDORA-2026-c', 'FEDORA-2026-d', 'FEDORA-2026-e', 'FEDORA-2026-f'],
    );
  });

  it('keep what an update has fixed that a later one has taken the place of', async () => {
    const upstream = fakeUpstream(repositoryAt(of(41), composeUpdates([UPDATE])));
    const [feed] = await fedoraFeeds.feeds(CONFIG, upstream.context);
    const fetched = await feed!.fetch('', undefined, upstream.context);
    await recordsOf(fetched);
    assert.ok(fetched !== 'unchanged');
    assert.deepEqual([...(fetched.partial?.names ?? [])], [UPDATE.id]);
    assert.equal(await feed!.fetch(fetched.fingerprint, undefined, upstream.context), 'unchanged');
  });

  const XML = composeUpdates([UPDATE]);
  for (const [packing, file, href] of [
    ['none', XML, 'repodata/0-updateinfo.xml'],
    ['gzip', gzipSync(XML), 'repodata/0-updateinfo.xml.gz'],
    ['zstd', zstdCompressSync(XML), 'repodata/0-updateinfo.xml.zst'],
  ] as const) {
    it(`read files of packing ${packing}`, async () => {
      assert.equal((await load(fakeUpstream(repositoryAt(of(41), file, href)))).length, 3);
    });
  }

  it('fail where a file is cut, and go to the place that is configured', async () => {
    const cut = zstdCompressSync(XML).subarray(0, -4);
    await assert.rejects(load(fakeUpstream(repositoryAt(of(41), cut))), {
      code: 'feed',
      message: /^fedora-41-updater: /,
    });
    const mirror = 'https://mirror.test/f41/';
    const upstream = fakeUpstream({
      ...repositoryAt(of(41), XML),
      ...repositoryAt(mirror, composeUpdates([UPDATE, { ...UPDATE, id: 'FEDORA-2026-2' }])),
    });
    const [feed] = await fedoraFeeds.feeds(CONFIG, upstream.context);
    assert.equal((await recordsOf(await feed!.fetch('', { url: mirror }, upstream.context))).length, 6);
  });
});

describe('the feeds of EPEL', () => {
  it('are one for each major release, in either layout of folders', async () => {
    const htop = { name: 'htop', epoch: '0', version: '3.3.0', release: '2.el9' };
    const file = composeUpdates([{ id: 'FEDORA-EPEL-2026-1', packages: [{ ...htop, arch: 'src' }] }]);
    const upstream = fakeUpstream({
      ...repositoryAt('https://epel.test/9/Everything/x86_64/', file),
      ...repositoryAt('https://epel.test/old/7/x86_64/', file),
    });
    const config = { url: 'https://epel.test', archive_url: 'https://epel.test/old/', bodhi_url: '' };
    const feeds = await epelFeeds.feeds(config, upstream.context);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes[0]?.key]),
      ['7', '8', '9', '10'].map((major) => [`epel-${major}-updater`, `epel:${major}`]),
    );
    for (const index of [0, 2]) {
      const [record] = await recordsOf(await feeds[index]!.fetch('', undefined, upstream.context));
      assert.deepEqual([record?.scope, record?.kind, record?.name], [`epel:${index + 7}`, 'source', 'htop']);
    }
    await assert.rejects(feeds[1]!.fetch('', undefined, upstream.context), {
      code: 'feed',
      message: /^epel-8-updater: /,
    });
  });
});

describe('updates that a later one has taken the place of', () => {
  const page = (release: string, number: number, since = '') =>
    `${BODHI}updates/?releases=${release}&status=stable&type=security&rows_per_page=100&page=${number}${since && `&pushed_since=${since}`}`;
  const listed = (alias: string, nvr: string, epoch = 0) => ({
    alias,
    title: nvr,
    notes: 'Closes it.',
    severity: 'high',
    date_submitted: '2026-01-02 03:04:05',
    builds: [
      { nvr, type: 'rpm', epoch },
      { nvr: 'flat', type: 'flatpak' },
    ],
    bugs: [{ bug_id: 7, title: 'CVE-2026-0009 curl: worse [fedora-all]', security: true }],
  });
  const answer = (pages: number, ...updates: object[]) => JSON.stringify({ updates, pages, total: 9 });
  const config = { ...CONFIG, bodhi_url: BODHI };
  const repository = repositoryAt(of(41), composeUpdates([UPDATE]));

  it('are those of Bodhi, beside what the repository has', async () => {
    const upstream = fakeUpstream({
      ...repository,
      [page('F41', 1)]: answer(
        2,
        listed('FEDORA-2026-old', 'curl-8.9.1-2.fc41', 1),
        listed(UPDATE.id, 'curl-8.9.1-3.fc41'),
      ),
      [page('F41', 2)]: answer(2, listed('FEDORA-2026-older', 'qt6-base-6.7-1.fc41')),
    });
    const [feed] = await fedoraFeeds.feeds(config, upstream.context);
    const fetched = await feed!.fetch('', undefined, upstream.context);
    const records = await recordsOf(fetched);
    assert.deepEqual(
      records.map(({ kind, name, below, vulnerability }) => [vulnerability.name, kind, name, below]),
      [
        [UPDATE.id, 'source', 'curl', '8.9.1-3.fc41'],
        [UPDATE.id, 'binary', 'curl', '8.9.1-3.fc41'],
        [UPDATE.id, 'binary', 'libcurl', '8.9.1-3.fc41'],
        ['FEDORA-2026-old', 'source', 'curl', '1:8.9.1-2.fc41'],
        ['FEDORA-2026-older', 'source', 'qt6-base', '6.7-1.fc41'],
      ],
    );
    assert.deepEqual(records[3]?.vulnerability, {
      name: 'FEDORA-2026-old',
      description: 'Closes it.',
      issued: '2026-01-02T03:04:05Z',
      links:
        'https://bodhi.fedoraproject.org/updates/FEDORA-2026-old https://bugzilla.redhat.com/show_bug.cgi?id=7',
      severity: 'high',
      normalizedSeverity: 'High',
      aliases: ['CVE-2026-0009'],
    });
    assert.deepEqual(upstream.problems, []);
    // The next time only what is new is asked for, and only if the repository has changed.
    assert.ok(fetched !== 'unchanged');
    assert.equal(await feed!.fetch(fetched.fingerprint, undefined, upstream.context), 'unchanged');
    upstream.answers.set(page('F41', 1, '2026-05-04'), answer(1));
    const changed = repositoryAt(of(41), composeUpdates([UPDATE, { ...UPDATE, id: 'FEDORA-2026-new' }]));
    for (const [url, body] of Object.entries(changed)) upstream.answers.set(url, body);
    await recordsOf(await feed!.fetch(fetched.fingerprint, undefined, upstream.context));
    assert.equal(upstream.requests.at(-1), `GET ${page('F41', 1, '2026-05-04')}`);
    assert.deepEqual(upstream.problems, []);
  });

  for (const [what, body] of [
    ['does not answer', undefined],
    ['has an error', { status: 500 }],
    ['has no updates', '<html>'],
  ] as const) {
    it(`are told to be missing where Bodhi ${what}, and asked for again with the next change`, async () => {
      const upstream = fakeUpstream({ ...repository, [page('F41', 1)]: body });
      const [feed] = await fedoraFeeds.feeds(config, upstream.context);
      const fetched = await feed!.fetch('', undefined, upstream.context);
      assert.equal((await recordsOf(fetched)).length, 3);
      assert.ok(fetched !== 'unchanged');
      assert.match(upstream.problems[0]?.reason ?? '', /^updates before the newest of each package/);
      const later = fakeUpstream({
        ...repositoryAt(of(41), composeUpdates([{ ...UPDATE, id: 'FEDORA-2026-x' }])),
        [page('F41', 1)]: answer(1),
      });
      await recordsOf(await feed!.fetch(fetched.fingerprint, undefined, later.context));
      assert.equal(later.requests.at(-1), `GET ${page('F41', 1)}`);
    });
  }
});
