import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { requireAuthentication } from '../http/auth/authenticate.ts';
import { route } from '../http/route.ts';
import { createServer } from '../http/server.ts';
import { noLog } from '../lib/log.ts';
import { createHttpMetrics } from './metrics/http-metrics.ts';
import { createMetrics } from './metrics/registry.ts';
import { observeRequests } from './observe-requests.ts';

const CRLF = '\r\n';
const NOISE = randomBytes(300_000).toString('base64');

describe('a request from outside', () => {
  let app: FastifyInstance;
  let port = 0;

  before(async () => {
    const observe = { log: noLog, metrics: createHttpMetrics(createMetrics()), tracer: undefined };
    app = createServer({ log: noLog, bodyLimit: 1_000_000, observe: (to) => observeRequests(to, observe) });
    requireAuthentication(
      app,
      async ({ headers }) => {
        if (headers.authorization !== 'Bearer good') throw new Error('no token');
      },
      noLog,
    );
    route(app, '/echo', { GET: async ({ headers }) => headers.host, POST: async ({ body }) => body });
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  after(() => app.close());

  /** All that is answered to `pieces`, until `isOver` or the end of the connection. */
  async function say(pieces: readonly (string | Buffer)[], isOver = /(?!)/): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
      if (isOver.test(answer)) socket.destroy();
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
    await closed;
    return answer;
  }
  const head = (line: string, ...fields: string[]): string =>
    [`${line} HTTP/1.1`, ...fields, '', ''].join(CRLF);
  const TOKEN = 'Authorization: Bearer good';
  const GOOD = head('GET /echo', 'Host: again', TOKEN, 'Connection: close');
  const statuses = (answer: string): number[] =>
    [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

  describe('whose body is not what its coding says is refused, and its connection goes on', () => {
    const whole = 'x'.repeat(20_000);
    const bodies: [string, string, Buffer][] = [
      ['noise', 'gzip', Buffer.from(NOISE)],
      ['noise', 'deflate', Buffer.from(NOISE)],
      ['noise', 'zstd', Buffer.from(NOISE)],
      ['noise', 'gzip, zstd', Buffer.from(NOISE)],
      ['noise within', 'gzip, zstd', zstdCompressSync(NOISE)],
      [
        'noise after',
        'gzip',
        Buffer.concat([gzipSync(whole), gzipSync(whole).subarray(0, 12), Buffer.from(NOISE)]),
      ],
      ['its beginning', 'gzip', gzipSync(whole).subarray(0, -8)],
      ['its beginning', 'deflate', deflateSync(whole).subarray(0, -8)],
      ['its beginning', 'zstd', zstdCompressSync(whole).subarray(0, -3)],
      ['too much', 'gzip', gzipSync(Buffer.alloc(100_000_000))],
      ['too much', 'zstd', zstdCompressSync(Buffer.alloc(100_000_000))],
      ['too much within', 'gzip, zstd', zstdCompressSync(gzipSync(Buffer.alloc(100_000_000)))],
    ];
    for (const [what, coding, body] of bodies) {
      it(`${coding}: ${what}`, async () => {
        const fields = ['Host: a', TOKEN, `Content-Encoding: ${coding}`, `Content-Length: ${body.length}`];
        const answer = await say([head('POST /echo', ...fields), body, GOOD]);
        assert.deepEqual(
          statuses(answer),
          [what.startsWith('too much') ? 413 : 400, 200],
          answer.slice(0, 500),
        );
      });
    }

    it('before anybody is asked for a token', async () => {
      const fields = ['Host: a', 'Content-Encoding: gzip', `Content-Length: ${NOISE.length}`];
      assert.deepEqual(statuses(await say([head('POST /nowhere', ...fields), NOISE, GOOD])), [401, 200]);
    });

    it('with its connection, where more was announced', async () => {
      const fields = ['Host: a', TOKEN, 'Content-Encoding: gzip', 'Content-Length: 900000'];
      const answer = await say([head('POST /echo', ...fields), NOISE], /\r\n\r\n.+/s);
      assert.deepEqual(statuses(answer), [400]);
      assert.deepEqual(statuses(await say([GOOD])), [200]);
    });
  });

  describe('has one target and one host', () => {
    const cases: [string, string, number, string?][] = [
      ['a path', head('GET /echo', 'Host: a', TOKEN), 200, 'a'],
      ['absolute form', head('GET http://b:80/echo', 'Host: a', TOKEN), 200, 'b:80'],
      ['absolute form over TLS', head('GET HTTPS://[::1]/echo?x', 'Host: a', TOKEN), 200, '[::1]'],
      ['absolute form without a path', head('GET http://b', 'Host: a', TOKEN), 404],
      ['absolute form without a path, with a query', head('GET http://b?//', 'Host: a', TOKEN), 404],
      [
        'absolute form that is not clean',
        head('GET http://b//echo', 'Host: a', TOKEN),
        307,
        'location: /echo',
      ],
      ['another scheme', head('GET ftp://b/echo', 'Host: a', TOKEN), 400],
      ['somebody at a host', head('GET http://me@b/echo', 'Host: a', TOKEN), 400],
      ['all of it', head('OPTIONS *', 'Host: a', TOKEN), 404],
      ['all of it, got', head('GET *', 'Host: a', TOKEN), 400],
      ['a proxy', head('CONNECT b:443', 'Host: b'), 0],
      ['two hosts', head('GET /echo', 'Host: a', 'Host: b', TOKEN), 400],
      ['a host twice', head('GET /echo', 'Host: a', 'hOST: a', TOKEN), 400],
      ['two hosts in one', head('GET /echo', 'Host: a, b', TOKEN), 400],
      ['a host that is none', head('GET /echo', 'Host: a/b', TOKEN), 400],
      ['no name of a host', head('GET /echo', 'Host:', TOKEN), 200],
      ['an old client', `GET /echo HTTP/1.0${CRLF}${TOKEN}${CRLF}${CRLF}`, 200],
      ['NUL', head('GET /echo?x=%00', 'Host: a', TOKEN), 400],
    ];
    for (const [what, request, status, text = ''] of cases) {
      it(`${what} -> ${status}`, async () => {
        const answer = await say([request.replace('\r\n\r\n', `${CRLF}Connection: close${CRLF}${CRLF}`)]);
        assert.deepEqual(statuses(answer), status === 0 ? [] : [status], answer);
        assert.ok(answer.endsWith(text) || answer.includes(text), answer);
      });
    }
  });

  describe('that expects to be told to go on', () => {
    const expecting = (...fields: string[]): string =>
      head('POST /echo', 'Host: a', 'Expect: 100-continue', 'Connection: close', ...fields);
    it('is, once it has a token', async () => {
      const answer = await say([expecting(TOKEN, 'Content-Length: 5'), 'hello']);
      assert.deepEqual(statuses(answer), [100, 200]);
      assert.match(answer, /hello$/);
    });
    for (const [what, fields, status] of [
      ['without a token', ['Content-Length: 5'], 401],
      ['with more than the limit', [TOKEN, 'Content-Length: 1000001'], 413],
      ['by another coding', [TOKEN, 'Content-Length: 5', 'Content-Encoding: br'], 415],
      ['and takes no answer', [TOKEN, 'Content-Length: 5', 'Accept-Encoding: *;q=0'], 415],
    ] as const) {
      it(`is refused at once ${what}`, async () => {
        const answer = await say([expecting(...fields)], /\r\n\r\n/);
        assert.deepEqual(statuses(answer), [status]);
      });
    }
  });

  it('is never what ends the service where connections cannot be accepted', () => {
    app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  });
});
