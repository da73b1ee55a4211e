import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { type CannedAnswer, fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import { tarOf } from '../../../formats/archives/tar.fixture.ts';
import { rpmFixture } from './csaf.fixture.ts';
import { vexFeed } from './feed.ts';
import { isDocument, readRow } from './lists.ts';

const URL = 'https://example.com/vex/';
const config = { url: URL };
const published = { 'last-modified': 'Sun, 15 Jun 2030 00:00:00 GMT' };

const path = (id: string): string => `2030/${id.toLowerCase()}.json`;
const json = (id: string, version = '1-1'): string => JSON.stringify(rpmFixture(id, { version }), null, 1);
const archive = (ids: readonly string[], more: [string, string][] = []): Buffer =>
  zstdCompressSync(tarOf([...ids.map((id): [string, string] => [path(id), json(id)]), ...more]));
const csv = (rows: Record<string, string>): string =>
  Object.entries(rows)
    .map(([name, time]) => `"${name}","${time}T00:00:00+00:00"\n`)
    .join('');

function upstream(more: Record<string, CannedAnswer | string | Buffer | undefined> = {}) {
  return fakeUpstream({
    [`${URL}archive_latest.txt`]: 'csaf_vex_2030-06-15.tar.zst\n',
    [`${URL}csaf_vex_2030-06-15.tar.zst`]: {
      headers: published,
      body: archive(['CVE-2030-1', 'CVE-2030-2', 'CVE-2030-3']),
    },
    [`${URL}changes.csv`]: {
      headers: { etag: '"c1"', date: 'Mon, 01 Jul 2030 00:00:00 GMT' },
      body: csv({
        [path('CVE-2030-2')]: '2030-06-20',
        [path('CVE-2030-1')]: '2030-01-01',
        '2014/cve-2014-1.json': '2030-06-30',
      }),
    },
    [`${URL}deletions.csv`]: {
      headers: { etag: '"d1"' },
      body: csv({ [path('CVE-2030-3')]: '2030-06-16', [path('CVE-2030-1')]: '2030-06-01' }),
    },
    [`${URL}${path('CVE-2030-2')}`]: json('CVE-2030-2', '2-2'),
    ...more,
  });
}

async function load(world: ReturnType<typeof fakeUpstream>, fingerprint = '', options: object = config) {
  const feed = vexFeed();
  const fetched = await feed.fetch(fingerprint, options, world.context);
  if (fetched === 'unchanged')
    return {
      state: 'unchanged' as const,
      found: {} as Record<string, string>,
      names: undefined,
      fingerprint,
      feed,
    };
  const found: Record<string, string> = {};
  for await (const { vulnerability, fixedInVersion } of fetched.records)
    found[vulnerability.name] = fixedInVersion;
  const names = fetched.partial && [...fetched.partial.names].sort();
  return { state: 'loaded' as const, found, names, fingerprint: fetched.fingerprint, feed };
}

const since = (fingerprint: string): string => (JSON.parse(fingerprint) as { since: string }).since;

describe('the feed of Red Hat', () => {
  it('loads the archive, what changed since, and nothing of what was deleted', async () => {
    const world = upstream();
    const { found, names, fingerprint, feed } = await load(world);
    assert.deepEqual(found, { 'CVE-2030-1': '1:1-1', 'CVE-2030-2': '1:2-2' });
    assert.equal(names, undefined);
    assert.equal(since(fingerprint), '2030-06-30T00:00:00.000Z');
    assert.deepEqual(
      feed.scopes.map(({ repository }) => repository?.key),
      ['rhel-cpe-repository'],
    );
    assert.deepEqual(world.problems, []);
    assert.equal(world.open(), 0);
  });

  it('then loads only what changes', async () => {
    const world = upstream();
    const { fingerprint } = await load(world);
    assert.equal((await load(world, fingerprint)).state, 'unchanged');
    world.answers.set(`${URL}changes.csv`, {
      headers: { etag: '"c2"', date: 'Sat, 10 Aug 2030 00:00:00 GMT' },
      // The second is from the future: it must not hide what changes until then.
      body: csv({
        [path('CVE-2030-1')]: '2030-08-01',
        [path('CVE-2030-4')]: '2040-01-01',
        [path('CVE-2030-2')]: '2030-06-20',
      }),
    });
    world.answers.set(`${URL}deletions.csv`, {
      headers: { etag: '"d2"' },
      body: csv({ [path('CVE-2030-2')]: '2030-08-02' }),
    });
    world.answers.set(`${URL}${path('CVE-2030-1')}`, json('CVE-2030-1', '9-9'));
    world.answers.set(`${URL}${path('CVE-2030-4')}`, json('CVE-2030-4', '4-4'));
    world.requests.length = 0;
    const next = await load(world, fingerprint);
    assert.deepEqual(next.found, { 'CVE-2030-1': '1:9-9', 'CVE-2030-4': '1:4-4' });
    assert.deepEqual(next.names, ['CVE-2030-1', 'CVE-2030-2', 'CVE-2030-4']);
    assert.equal(since(next.fingerprint), '2030-08-02T00:00:00.000Z');
    assert.ok(!world.requests.some((request) => request.includes('archive')));
    assert.equal((await load(world, next.fingerprint)).state, 'unchanged');
  });

  it('asks again for a document that could not be had, and keeps what it knows of it', async () => {
    const world = upstream({ [`${URL}${path('CVE-2030-2')}`]: { status: 500 } });
    const first = await load(world);
    assert.deepEqual(first.found, { 'CVE-2030-1': '1:1-1', 'CVE-2030-2': '1:1-1' });
    assert.match(world.problems[0]!.reason, /status 500/);
    world.answers.set(`${URL}${path('CVE-2030-2')}`, json('CVE-2030-2', '2-2'));
    const second = await load(world, first.fingerprint);
    assert.deepEqual([second.found, second.names], [{ 'CVE-2030-2': '1:2-2' }, ['CVE-2030-2']]);
    assert.equal((await load(world, second.fingerprint)).state, 'unchanged');
  });

  it('keeps what it knows of a document that cannot be read', async () => {
    const world = upstream({ [`${URL}${path('CVE-2030-2')}`]: '{"document": 1}' });
    const { found } = await load(world);
    assert.deepEqual(found, { 'CVE-2030-1': '1:1-1', 'CVE-2030-2': '1:1-1' });
    assert.deepEqual(world.problems, [
      { where: path('CVE-2030-2'), reason: 'no CSAF document with a tracking id' },
    ]);
  });

  it('loses one bad document of the archive, not the others', async () => {
    const body = archive(
      ['CVE-2030-1'],
      [
        ['2030/cve-2030-9.json', '{'],
        ['2001/old.json', '{'],
        ['index.txt', 'x'],
      ],
    );
    const world = upstream({ [`${URL}csaf_vex_2030-06-15.tar.zst`]: { headers: published, body } });
    assert.equal((await load(world)).found['CVE-2030-1'], '1:1-1');
    assert.deepEqual(
      world.problems.map(({ where }) => where),
      ['2030/cve-2030-9.json'],
    );
  });

  it('loads everything anew for another place, or another reading', async () => {
    const world = upstream();
    const { fingerprint } = await load(world);
    for (const state of [
      '"etag"\\"etag"\\2030-01-01T00:00:00Z\\6',
      '{}',
      fingerprint.replace(URL, 'https://other.example/'),
    ])
      assert.equal((await load(world, state)).names, undefined);
    assert.equal(
      (await load(world, fingerprint, { ...config, ignore_kernel_packages: true })).state,
      'loaded',
    );
  });

  it('makes the versions of fixes by an expression, and loads everything anew for another one', async () => {
    const world = upstream({ [`${URL}deletions.csv`]: { headers: { etag: '"d1"' }, body: '' } });
    const options = {
      ...config,
      fixed_in_version_cel:
        'version.startsWith("2") ? qualifiers["none"] : type + fixed_in.replace("1-", "1.")',
    };
    const { found, fingerprint } = await load(world, '', options);
    assert.deepEqual(found, { 'CVE-2030-1': 'rpm1:1.1', 'CVE-2030-3': 'rpm1:1.1' });
    assert.match(world.problems[0]!.reason, /fixed_in_version_cel/);
    assert.equal((await load(world, fingerprint, options)).state, 'unchanged');
    assert.deepEqual((await load(world, fingerprint, config)).found['CVE-2030-1'], '1:1-1');
  });

  for (const [what, more] of [
    ['no archive is named', { [`${URL}archive_latest.txt`]: '<html>' }],
    ['the archive is missing', { [`${URL}csaf_vex_2030-06-15.tar.zst`]: { status: 404 } }],
    [
      'the archive is cut off',
      {
        [`${URL}csaf_vex_2030-06-15.tar.zst`]: {
          headers: published,
          body: archive(['CVE-2030-1']).subarray(0, 200),
        },
      },
    ],
    [
      'the archive is empty',
      { [`${URL}csaf_vex_2030-06-15.tar.zst`]: { headers: published, body: zstdCompressSync(tarOf([])) } },
    ],
    ['a list is missing', { [`${URL}changes.csv`]: { status: 403 } }],
  ] as const)
    it(`fails if ${what}`, async () => {
      await assert.rejects(load(upstream(more)), { code: 'feed' });
    });

  for (const [options, message] of [
    [{ fixed_in_version_cel: 'version +' }, /fixed_in_version_cel: not an expression of CEL/],
    [{ fixed_in_version_cel: 'type == "rpm"' }, /fixed_in_version_cel: .* must make a string/],
    [{ compressed_file_timeout: 'soon' }, /compressed_file_timeout: not a duration/],
    [{ url: 'file:///etc' }, /rhel-vex\.url/],
  ] as const)
    it(`refuses ${JSON.stringify(options)}`, async () => {
      await assert.rejects(load(upstream(), '', options), { code: 'bad-config', message });
    });
});

describe('lists of documents', () => {
  it('have rows of a path and a time', () => {
    const time = Date.parse('2030-01-02T03:04:05Z');
    for (const line of [
      '"2030/a.json","2030-01-02T03:04:05+00:00"',
      '2030/a.json,2030-01-02T04:04:05+01:00\r',
    ])
      assert.deepEqual(readRow(line), { path: '2030/a.json', time });
    for (const line of [
      '',
      'a',
      'a,b',
      '"a","2030"',
      'a,b,2030-01-02T03:04:05Z',
      '"2030/a.json","2030-13-01T00:00:00Z"',
    ])
      assert.equal(readRow(line), undefined);
  });

  it('are read whatever stands in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => {
        const row = readRow(line);
        assert.ok(row === undefined || (Number.isFinite(row.time) && !row.path.includes('"')));
      }),
    );
  });

  it('count documents from 2015 on, below the folder', () => {
    for (const name of ['2015/cve-2015-1.json', '2030/cve-2030-99999.json']) assert.ok(isDocument(name));
    for (const name of [
      '2014/cve-2014-1.json',
      '../2030/a.json',
      '2030/../a.json',
      '2030/a/b.json',
      'index.txt',
      '2030/',
    ])
      assert.ok(!isDocument(name));
  });
});
