import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { configSchema } from '../../config/schema.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect } from '../../db/database.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { startRegistry } from '../../image/registry/server.fixture.ts';
import { image, layout } from '../../image/target/builder.fixture.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA } from '../../schemas.ts';
import { type DoctorCheck, remedyOf } from './doctor-check.ts';
import { asJson, asTable, worstOf } from './doctor-command.ts';
import { checkEmbedded } from './doctor-embedded.ts';
import { checkSetNames, head, probeFeed, probeFeeds } from './doctor-feeds.ts';
import { checkDatabases, checkEnvironment, checkRegistry } from './doctor-places.ts';

const { signal } = new AbortController();

describe('probeFeeds', () => {
  const seen: string[] = [];
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim());
    answer(request, response);
  });
  let url = '';
  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  async function probe(
    sets: string[],
    config: Record<string, unknown>,
    reply: RequestListener,
  ): Promise<DoctorCheck[]> {
    seen.length = 0;
    answer = reply;
    await using http = createHttpClient({ backoff: 1 });
    return await probeFeeds({
      config: configSchema.parse({ updaters: { sets, config } }).updaters,
      http,
      now: () => new Date('2026-01-01T00:00:00Z'),
      signal,
    });
  }
  const arch = (): Record<string, unknown> => ({ arch: { url: `${url}/all.json` } });

  it('asks once, without loading anything', async () => {
    const [check, ...others] = await probe(['arch'], arch(), (_request, response) =>
      response.writeHead(200, { 'content-length': '12345' }).end(),
    );
    assert.deepEqual(others, []);
    assert.deepEqual(check, {
      kind: 'feed',
      name: 'arch-updater',
      state: 'ok',
      detail: `${url}/all.json (12345 bytes)`,
    });
    assert.deepEqual(seen, ['HEAD /all.json']);
  });

  it('asks for one byte where HEAD is not taken', async () => {
    const [check] = await probe(['arch'], arch(), ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(405).end();
      else response.writeHead(206, { 'content-range': 'bytes 0-0/77' }).end('x');
    });
    assert.deepEqual([check?.state, check?.detail], ['ok', `${url}/all.json (77 bytes)`]);
    assert.deepEqual(seen, ['HEAD /all.json', 'GET /all.json bytes=0-0']);
  });

  it('says what is not there, and where another address is set', async () => {
    const [check] = await probe(['arch'], arch(), (_request, response) => response.writeHead(404).end());
    assert.equal(check?.state, 'failed');
    assert.match(check.detail, /all\.json answered with status 404/);
    assert.match(check.remedy ?? '', /updaters\.config\.arch/);
  });

  it('warns of another host', async () => {
    const there = url.replace('127.0.0.1', 'localhost');
    const [check] = await probe(['arch'], arch(), (request, response) => {
      if (request.headers.host?.startsWith('127'))
        response.writeHead(301, { location: `${there}/new.json` }).end();
      else response.writeHead(200).end();
    });
    assert.equal(check?.state, 'warning');
    assert.match(check.detail, /all\.json: found at http:\/\/localhost:\d+\/new\.json/);
  });

  it('lists the feeds of a set as an update does, and shares answers to the same question', async () => {
    const checks = await probe(['alpine'], { alpine: { url: `${url}/secdb/` } }, (request, response) => {
      const known = /^\/secdb\/(?:last-update|v3\.(?:[3-9]|1[0-9])\/(?:main\.json|community\.json)?)$/;
      response.writeHead(known.test(request.url ?? '') ? 200 : 404).end('2099-01-01');
    });
    assert.ok(checks.length > 5, `${checks.length} feeds`);
    assert.deepEqual(new Set(checks.map(({ state }) => state)), new Set(['ok']));
    assert.ok(
      seen.every((line) => !/^GET .*json/.test(line)),
      'no feed is loaded',
    );
  });

  it('names a set whose feeds cannot be listed', async () => {
    const [check] = await probe(['alpine'], { alpine: { url: 'http://127.0.0.1:1/' } }, () => {});
    assert.deepEqual([check?.name, check?.state], ['alpine', 'failed']);
    assert.match(check?.remedy ?? '', /Nothing listens there/);
  });

  it('passes passwords of addresses on to nobody', async () => {
    const [check] = await probe(
      ['arch'],
      { arch: { url: `${url.replace('//', '//user:hunter2@')}/all.json` } },
      (_request, response) => response.writeHead(404).end(),
    );
    assert.doesNotMatch(JSON.stringify(check), /hunter2/);
  });

  it('refuses a name that is no set', () => {
    assert.throws(() => checkSetNames(['debain']), { code: 'bad-target', message: /debain.*debian/ });
    checkSetNames(['debian', 'clair.epss']);
  });
});

describe('probeFeed', () => {
  /** What each path answers; others: 404. */
  async function probe(statuses: Record<string, number>, paths: string[]): Promise<DoctorCheck> {
    const server = createServer(({ url = '' }, response) => response.writeHead(statuses[url] ?? 404).end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [url, ...others] = paths.map((path) => (path.startsWith('/') ? at + path : path));
    const ask = (context: FeedContext): Promise<unknown> =>
      fetchNews(context, { url: url!, others, fingerprint: '', by: 'etag' });
    try {
      await using http = createHttpClient({ backoff: 1 });
      const check = await probeFeed('aset', { name: 'a', ask }, (each) => head(http, each, signal), {
        now: () => new Date(),
        signal,
      });
      return { ...check, detail: check.detail.replaceAll(at, '') };
    } finally {
      server.close();
    }
  }

  it('asks fallbacks, too', async () => {
    const { state, detail } = await probe({ '/a': 200, '/b': 200 }, ['/a', '/b']);
    assert.deepEqual([state, detail], ['ok', '/a; fallback /b']);
  });
  it('warns of a fallback without an answer', async () => {
    const { state, detail, remedy } = await probe({ '/a': 200, '/b': 503 }, ['/a', '/b']);
    assert.deepEqual([state, detail], ['warning', '/a; not /b answered with status 503']);
    assert.match(remedy ?? '', /works, its fallback does not\. .*try later/);
  });
  it('warns where the first has none', async () => {
    const { state, detail, remedy } = await probe({ '/b': 200 }, ['http://127.0.0.1:1/', '/b']);
    assert.equal(state, 'warning');
    assert.match(detail, /^\/b; not http:\/\/127\.0\.0\.1:1\/: ./);
    assert.match(remedy ?? '', /uses its fallback\. Nothing listens/);
  });
  it('says which has nothing: files of old releases move', async () => {
    const { state, detail } = await probe({ '/b': 200 }, ['/a', '/b', '/c']);
    const missing = ['/a', '/c'].map((path) => `not ${path} answered with status 404`);
    assert.deepEqual([state, detail], ['ok', ['/b', ...missing].join('; ')]);
  });
  it('fails where none works, and names all', async () => {
    const { state, detail } = await probe({}, ['http://127.0.0.1:1/', '/b']);
    assert.equal(state, 'failed');
    assert.match(detail, /^http:\/\/127\.0\.0\.1:1\/: .*; \/b answered with status 404$/);
  });
  it('asks four addresses, and no more', async () => {
    const { detail } = await probe({}, ['/a', '/b', '/c', '/d', '/e']);
    assert.doesNotMatch(detail, /\/e/);
    assert.match(detail, /\/d/);
  });
});

describe('checkEmbedded', () => {
  const now = new Date();
  const scratch = (): string => mkdtempSync(join(tmpdir(), 'doctor-'));

  it('tries one where there is none, and leaves nothing', async () => {
    const base = scratch();
    try {
      const check = await checkEmbedded(join(base, 'data'), now);
      assert.notEqual(check.state, 'failed', check.detail);
      assert.match(check.detail, /^PostgreSQL \d+.* starts; .* has no database yet/);
      assert.deepEqual(readdirSync(base), []);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });

  it('says version, size and age, and which feeds are late', async () => {
    const base = scratch();
    const dataDir = join(base, 'data');
    const seen: [string, string][] = [];
    const look = async (): Promise<void> => {
      const { state, detail } = await checkEmbedded(dataDir, now);
      seen.push([state, detail]);
    };
    try {
      {
        await using server = await startEmbedded({ dataDir });
        await using db = await connect(server.dsn, { applicationName: 'test' });
        await look();
        await migrate(db, MATCHER_SCHEMA);
        await migrate(db, INDEXER_SCHEMA);
        await look();
        const at = new Date(now.getTime() - 5 * 3_600_000);
        const insert = `insert into feed (kind, feed_set, name, fingerprint, row_count, last_success, next_try)
          values ('vulnerability', 'a', 'fresh', '', 1, $1, $2)`;
        await db.query({ text: insert, values: [at, now] });
        await look();
        await db.query({ text: `update feed set last_error = 'status 404'` });
      }
      await look();
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
    const patterns = [
      /^PostgreSQL \d.*: \d.* MB; the next command runs \d+ migrations/,
      /MB, no feed loaded yet/,
      /MB, 1 feed, the oldest loaded 5 h ago/,
      /failed or stale: fresh/,
    ];
    for (const [index, pattern] of patterns.entries()) assert.match(seen[index]![1], pattern);
    assert.equal(seen[3]![0], 'warning');
  });

  it('fails for a directory of something else', async () => {
    const base = scratch();
    try {
      mkdirSync(join(base, 'cluster'));
      const check = await checkEmbedded(base, now);
      assert.equal(check.state, 'failed');
      assert.match(check.detail, /do not belong to an embedded database/);
      assert.match(check.remedy ?? '', /--data-dir/);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
});

describe('checkDatabases', () => {
  const configOf = (dsn: string) =>
    configSchema.parse({ indexer: { connstring: dsn }, matcher: { connstring: dsn } });

  it('knows an empty one, one that is up to date, and one of Clair', async () => {
    await using database = await testDatabase();
    const states = async (): Promise<string[]> =>
      (await checkDatabases(configOf(database.dsn), undefined)).map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(await states(), ['indexer warning', 'matcher warning']);
    await using db = await connect(database.dsn, { applicationName: 'test' });
    await migrate(db, MATCHER_SCHEMA);
    assert.deepEqual(await states(), ['indexer warning', 'matcher ok']);
    await db.query({ text: 'create table libindex_migrations (version int)' });
    const [indexer] = await checkDatabases(configOf(database.dsn), undefined);
    assert.equal(indexer?.state, 'failed');
    assert.match(indexer?.detail ?? '', /Clair v4 in Go \(indexer\)/);
    assert.match(indexer?.remedy ?? '', /admin reindex/);
  });

  it('says why there is none, without the password', async () => {
    const [check] = await checkDatabases(
      configOf(''),
      'postgresql://u:hunter2@127.0.0.1:1/d?connect_timeout=1',
    );
    assert.equal(check?.state, 'failed');
    assert.doesNotMatch(JSON.stringify(check), /hunter2/);
  });
});

describe('checkRegistry', () => {
  const app = image(['one']);
  it('fetches the manifest of an image, or says what to do', async () => {
    await using registry = await startRegistry({});
    registry.content.pushLayout('team/app', layout([app.descriptor], app.blobs));
    const options = { registry: { plainHttp: true }, env: {}, signal };
    const found = await checkRegistry(`docker://${registry.host}/team/app`, options);
    assert.deepEqual([found.state, found.detail], ['ok', `${app.digest}, 1 layers`]);
    const missing = await checkRegistry(`${registry.host}/team/none`, options);
    assert.equal(missing.state, 'failed');
    assert.match(missing.detail, /not found/);
    assert.ok(missing.remedy);
  });
});

describe('checkEnvironment', () => {
  it('shows proxies without their logins', () => {
    const checks = checkEnvironment({ HTTPS_PROXY: 'http://u:hunter2@proxy:3128', NO_PROXY: 'a.test' });
    assert.match(checks[0]!.detail, /http:\/\/proxy:3128.*a\.test/);
    assert.doesNotMatch(JSON.stringify(checks), /hunter2/);
  });
  it('fails for a file of certificates that is not there', () => {
    const checks = checkEnvironment({ SSL_CERT_FILE: '/nowhere.pem' });
    assert.equal(checks.find(({ name }) => name === 'SSL_CERT_FILE')?.state, 'failed');
  });
});

describe('what is printed', () => {
  const ok: DoctorCheck = { kind: 'feed', name: 'a', state: 'ok', detail: 'x' };
  const bad: DoctorCheck = {
    kind: 'feed',
    name: 'b',
    state: 'failed',
    detail: 'gone\u001b[31m',
    remedy: 'Do it.',
  };
  it('is a line for all feeds that work, and two for each that does not', () => {
    const lines = asTable([ok, { ...ok, name: 'c' }, bad]).split('\n');
    assert.equal(lines[0]?.startsWith('failed   feed b: gone'), true);
    assert.doesNotMatch(lines[0] ?? '', /\u001b/);
    assert.deepEqual(lines.slice(1), [
      '         Do it.',
      'ok       feeds: 2 of 3 can be reached',
      '2 ok, 0 with warnings, 1 failed',
      '',
    ]);
    assert.equal(asTable([ok], true), '\n');
  });
  it('is one line for many feeds that fail alike, and says it where none can be reached', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const remedy = 'Check DNS.';
    const down = names.map((name): DoctorCheck => ({ ...bad, name, detail: `no ${name}.test`, remedy }));
    const line = 'feeds: cannot be reached, for example a: no a.test';
    assert.match(
      asTable(down),
      new RegExp(`^failed   5 of 5 ${line}\n {9}Check DNS. No feed can be reached.*air-gapped.*\n0 ok`),
    );
    assert.match(
      asTable([...down, ok]),
      new RegExp(`^failed   5 of 6 ${line}\n {9}Check DNS.\nok       feeds: 1 of 6`),
    );
    const [alone] = asTable([bad, ...down, ok]).split('\n');
    assert.match(alone!, /^failed {3}feed b: gone/, 'another cause has its own line');
    assert.equal(asTable(down.slice(0, 3)).split('\n').length, 3 * 2 + 2, 'few have a line each');
  });
  it('is everything in JSON', () => {
    assert.deepEqual(asJson([ok, bad]), { ok: 1, warning: 0, failed: 1, checks: [ok, bad] });
  });
  it('is as bad as its worst', () => {
    assert.equal(worstOf([ok, { ...ok, state: 'warning' }]), 'warning');
    assert.equal(worstOf([ok, bad]), 'failed');
    assert.equal(worstOf([]), 'ok');
  });
  for (const [reason, remedy] of [
    ['getaddrinfo ENOTFOUND a.test', /DNS/],
    ['GET https://a.test/b: host a.test not found', /DNS/],
    ['self-signed certificate in certificate chain', /SSL_CERT_FILE/],
    ['answered with status 407', /proxy requires a login/],
    ['answered with status 503', /later/],
    ['something else', /Check the address\. W/],
  ] as const) {
    it(`says what helps against: ${reason}`, () => assert.match(remedyOf(reason, 'W'), remedy));
  }
});
