import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { noLog } from '../lib/log.ts';
import { cleanPath } from './clean-path.ts';
import { lastSegment, redirectToSlash, route } from './route.ts';
import { createServer } from './server.ts';

describe('cleanPath', () => {
  const cases: [string, string][] = [
    ['/a/b', '/a/b'],
    ['//a/b', '/a/b'],
    ['/a//b/', '/a/b/'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/../..', '/'],
    ['/a/b/..', '/a/'],
    ['/..a/...', '/..a/...'],
    ['', '/'],
    ['////', '/'],
  ];
  for (const [path, want] of cases) it(`${path} -> ${want}`, () => assert.equal(cleanPath(path), want));
  it('is clean at once, and never another host', () => {
    const path = fc.array(fc.constantFrom('/', '.', '..', 'a', '%2f')).map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(path, (text) => {
        const clean = cleanPath(text);
        assert.equal(cleanPath(clean), clean);
        assert.match(clean, /^\/(?!\/)/);
      }),
    );
  });
});

describe('paths', () => {
  const app = createServer({ log: noLog });
  redirectToSlash(app, '/thing');
  route(app, '/thing/*', { GET: async (request) => `<${lastSegment(request)}>`, DELETE: async () => 'gone' });
  const cases: ['GET' | 'POST' | 'PUT', string, number, string][] = [
    ['GET', '/thing/a', 200, '<a>'],
    ['GET', '/thing/a/b', 200, '<b>'],
    ['GET', '/thing/a/', 200, '<a>'],
    ['GET', '/thing/', 200, '<>'],
    ['GET', '/thing/a%3Ab?x=/', 200, '<a:b>'],
    ['GET', '/thing', 307, '/thing/'],
    ['GET', '/thing?a=//b?', 307, '/thing/?a=//b?'],
    ['GET', '//thing/a', 307, '/thing/a'],
    ['POST', '/thing//a', 307, '/thing/a'],
    ['GET', '//evil.example/..', 307, '/'],
    ['GET', '/nothing//', 307, '/nothing/'],
    ['PUT', '/thing/a', 405, ''],
    ['GET', '/thing/%zz', 400, ''],
  ];
  for (const [method, url, status, want] of cases) {
    it(`${method} ${url} -> ${status} ${want}`, async () => {
      const answer = await app.inject({ method, url, ...(method === 'POST' && { body: '{}' }) });
      assert.equal(answer.statusCode, status);
      if (want !== '') assert.equal(status === 307 ? answer.headers.location : answer.body, want);
      else assert.match(String(answer.json().code), /^(bad-request|method-not-allowed)$/);
    });
  }
});

describe('what is not HTTP', () => {
  const app = createServer({ log: noLog });
  route(app, '/thing', { GET: async () => 'ok', POST: async () => 'ok' });
  let port = 0;
  before(async () => {
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  });
  after(() => app.close());

  async function say(text: string | Uint8Array): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (piece) => (answer += piece.toString('latin1')));
    socket.on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    return answer;
  }

  const cases: [string, string, RegExp][] = [
    ['nonsense', 'nonsense\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n.*"code":"bad-request"/s],
    [
      'an upgrade to HTTP/2, which RFC 9113 has no more',
      'GET /thing HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n',
      /^HTTP\/1\.1 200 OK/,
    ],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
    [
      'two lengths',
      'POST /thing HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks',
      'POST /thing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /thing HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'long headers',
      `GET /thing HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    ['HTTP/1.0', 'GET /thing HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 OK.*ok$/s],
  ];
  for (const [what, text, want] of cases) {
    it(`${what} has an answer and an end`, async () => assert.match(await say(text), want));
  }
  it('is never a reason to stop', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const text = Buffer.concat([Buffer.from(bytes), Buffer.from('\r\n\r\n\r\n')]);
        assert.match(await say(text), /^$|^HTTP\/1\.1 [45]/);
      }),
      { numRuns: 40 },
    );
    assert.equal((await fetch(`http://127.0.0.1:${port}/thing`)).status, 200);
  });
  it('is told that it is too large, and can go on', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024);
    for (let i = 0; i < 5; i++) {
      const answer = await fetch(`http://127.0.0.1:${port}/thing`, { method: 'POST', body });
      assert.equal(answer.status, 413);
      await answer.text();
    }
  });
  it('is not waited for for ever', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = app.server;
    assert.deepEqual([headersTimeout, requestTimeout, keepAliveTimeout], [15_000, 60_000, 75_000]);
  });
});
