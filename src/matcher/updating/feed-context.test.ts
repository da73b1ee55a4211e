import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fakeClock } from '../../lib/clock.fixture.ts';
import { hostPacer } from '../../lib/host-pacer.ts';
import { createHttpClient, type HttpClient } from '../../lib/http-client.ts';
import { createFeedContext, removeAbandonedSpools } from './feed-context.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const { signal } = new AbortController();

describe('feed requests', () => {
  let server: Server;
  let base: string;
  let http: HttpClient;
  let handler: Handler;
  let seen: IncomingMessage[] = [];

  before(async () => {
    server = createServer((request, response) => {
      seen.push(request);
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    http = createHttpClient({ backoff: 1, bodyLimit: 1000, userAgent: 'test/1' });
  });
  after(async () => {
    await http[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
  });

  it('asks conditionally and gives any status', async () => {
    handler = (_, response) => response.writeHead(304, { etag: '"1"' }).end();
    const response = await http.request(`${base}/a`, { etag: '"1"', modifiedSince: 'yesterday' }, signal);
    assert.equal(response.status, 304);
    assert.deepEqual([response.header('etag'), response.header('x-none')], ['"1"', '']);
    const { headers } = seen[0]!;
    assert.deepEqual(
      [headers['if-none-match'], headers['if-modified-since'], headers['user-agent']],
      ['"1"', 'yesterday', 'test/1'],
    );
    await response.discard();
  });

  it('tries again when the server is busy or hangs up, three times at most', async () => {
    handler = (_, response) => response.writeHead(seen.length < 3 ? 503 : 200).end('good');
    assert.equal(await (await http.request(`${base}/busy`, {}, signal)).text(), 'good');
    handler = (_, response) => response.writeHead(429).end();
    seen = [];
    const refused = await http.request(`${base}/busy`, {}, signal);
    assert.deepEqual([refused.status, seen.length], [429, 3]);
    await refused.discard();
    handler = (request) => request.socket.destroy();
    seen = [];
    await assert.rejects(http.request(`${base}/gone`, {}, signal), {
      code: 'feed',
      message: /GET http:.*\/gone: /,
    });
    assert.equal(seen.length, 3);
  });

  it('heeds Retry-After, but not for ever', async () => {
    handler = (_, response) => response.writeHead(503, { 'retry-after': '3600' }).end();
    await using own = createHttpClient({ backoff: 1 });
    await using context = createFeedContext({ source: 'toy', http: own, now: () => new Date(), signal });
    const response = await context.request(`${base}/later`);
    assert.deepEqual([response.status, seen.length, context.retryAfter], [503, 1, 3_600_000]);
    await response.discard();
    // The other feeds of the same host do not ask it at all, and know when to come back.
    await using other = createFeedContext({ source: 'toy', http: own, now: () => new Date(), signal });
    await assert.rejects(other.request(`${base}/other`), { code: 'feed', message: /left alone for another/ });
    assert.equal(seen.length, 1);
    assert.ok(other.retryAfter > 3_500_000);
  });

  it('fails at once where nobody is', async () => {
    await assert.rejects(http.request('http://127.0.0.1:1/x', {}, signal), {
      code: 'feed',
      message: /connection refused/,
    });
    await assert.rejects(http.request('not a url', {}, signal), { code: 'feed', message: /not a url/ });
  });

  it('follows redirects, but not in circles, and takes no secrets elsewhere', async () => {
    handler = (request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/new' }).end();
      else if (request.url === '/away')
        response.writeHead(307, { location: `${base.replace('127.0.0.1', 'localhost')}/new` }).end();
      else if (request.url === '/file') response.writeHead(301, { location: 'file:///etc/passwd' }).end();
      else if (request.url === '/circle') response.writeHead(301, { location: '/circle' }).end();
      else response.end('here');
    };
    const headers = { authorization: 'secret', 'x-other': 'kept' };
    const moved = await http.request(`${base}/moved`, { headers }, signal);
    assert.deepEqual([moved.url, await moved.text()], [`${base}/new`, 'here']);
    assert.equal(seen[1]?.headers.authorization, 'secret');
    seen = [];
    await (await http.request(`${base}/away`, { headers }, signal)).discard();
    assert.deepEqual(
      seen.slice(1).map(({ headers }) => [headers.authorization, headers['x-other']]),
      [[undefined, 'kept']],
    );
    await assert.rejects(http.request(`${base}/file`, {}, signal), /redirect to file:/);
    await assert.rejects(http.request(`${base}/circle`, {}, signal), /more than 10 redirects/);
  });

  it('undoes the content-encoding, but not the compression of a file', async () => {
    const bytes = gzipSync('text');
    handler = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes);
    assert.equal(await (await http.request(`${base}/feed.json`, {}, signal)).text(), 'text');
    const file = await http.request(`${base}/feed.json.gz`, {}, signal);
    assert.deepEqual(Buffer.concat(await file.body.toArray()), bytes);
    assert.deepEqual(
      seen.map(({ headers }) => headers['accept-encoding']),
      ['gzip', 'identity'],
    );
    handler = (_, response) => response.writeHead(200, { 'content-encoding': 'rot13' }).end('grkg');
    await assert.rejects(http.request(`${base}/odd`, {}, signal), /content-encoding rot13/);
  });

  it('reads no more than it may', async () => {
    handler = (_, response) => response.end('x'.repeat(2000));
    await assert.rejects((await http.request(`${base}/big`, {}, signal)).text(), /exceeds 1000 bytes/);
    await assert.rejects((await http.request(`${base}/big`, {}, signal)).text(10), /exceeds \d+ bytes/);
    const bomb = gzipSync('x'.repeat(1_000_000));
    handler = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    await assert.rejects((await http.request(`${base}/bomb`, {}, signal)).text(), /exceeds 1000 bytes/);
  });

  it('tells of an answer that is cut short', async () => {
    handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 5);
    };
    await assert.rejects((await http.request(`${base}/cut`, {}, signal)).text());
  });

  it('stops when asked', async () => {
    const stop = new AbortController();
    handler = () => stop.abort(new Error('stopping'));
    await assert.rejects(http.request(`${base}/slow`, {}, stop.signal), /stopping/);
  });

  it('leaves no file and no open body behind', async () => {
    handler = (_, response) => response.end('content');
    let path: string;
    {
      await using context = createFeedContext({ source: 'toy', http, now: () => new Date(), signal });
      path = await context.spool((await context.request(`${base}/a`)).body);
      assert.equal(await readFile(path, 'utf8'), 'content');
      await context.request(`${base}/never read`);
      for (let i = 0; i < 150; i++) context.problem({ where: `line ${i}`, reason: 'bad' });
      assert.deepEqual([context.problemCount, context.problems.length], [150, 100]);
    }
    assert.ok(!existsSync(dirname(path)));
  });
});

it('removes the files of those who were killed, of nobody else', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']); // gone by now
  const names = [
    `clair-feed-${pid}-1`,
    `clair-feed-${process.pid}-2`,
    `clair-feed-${process.ppid}-3`,
    'clair-feed-4',
  ];
  const paths = names.map((name) => join(tmpdir(), name));
  for (const path of paths) mkdirSync(path, { recursive: true });
  await using http = createHttpClient();
  await using own = createFeedContext({ source: 'toy', http, now: () => new Date(), signal });
  const file = await own.spool(Readable.from(['content']));
  await removeAbandonedSpools();
  assert.deepEqual([...paths, file].map(existsSync), [false, false, true, true, true]);
  utimesSync(paths[3]!, 0, 0);
  await removeAbandonedSpools();
  assert.ok(!existsSync(paths[3]!));
  rmSync(paths[2]!, { recursive: true });
});

it('keeps requests to one host apart, and those to others not', async () => {
  const clock = fakeClock();
  const pacer = hostPacer({ rate: 50, burst: 2 }, clock);
  const turns: string[] = [];
  await Promise.all(
    ['a', 'a', 'a', 'b', 'b', 'c'].map(async (host) =>
      turns.push(await pacer.turn(host, signal).then(() => host)),
    ),
  );
  assert.deepEqual(turns, ['a', 'a', 'b', 'b', 'c', 'a']);
  await Promise.all(['a', 'a', 'a', 'a'].map((host) => pacer.turn(host, signal)));
  assert.equal(clock.now(), 100, 'seven starts at one host, two at once, then one each 20 ms');
});
