import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import {
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import fc from 'fast-check';
import { noLog } from '../lib/log.ts';
import { chooseCoding } from './content-coding.ts';
import { route } from './route.ts';
import { createServer } from './server.ts';

const LARGE = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ number: i })));
const KEPT = Buffer.from(LARGE);

const UNDO: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
  deflate: inflateSync,
};

describe('chooseCoding', () => {
  const cases: [string | undefined, string | undefined, boolean | undefined][] = [
    [undefined, undefined, true],
    ['', undefined, true],
    ['gzip', 'gzip', true],
    ['x-gzip', 'gzip', true],
    ['GZip', 'gzip', true],
    ['gzip, deflate, br, zstd', 'zstd', true],
    ['gzip, deflate;q=0.1', 'gzip', true],
    ['deflate, gzip;q=0.1', 'deflate', true],
    ['*', 'zstd', true],
    ['zstd;q=0, *', 'gzip', true],
    ['br', undefined, true],
    ['gzip;q=0, zstd;q=0', undefined, true],
    ['identity', undefined, true],
    ['identity, gzip;q=0.5', undefined, true],
    ['identity;q=0, gzip;q=0.1', 'gzip', false],
    ['identity;q=0', undefined, undefined],
    ['*;q=0', undefined, undefined],
    ['br, *;q=0', undefined, undefined],
    ['identity, *;q=0', undefined, true],
    ['gzip;q=nonsense', undefined, true],
  ];
  for (const [header, coding, identity] of cases) {
    it(`${JSON.stringify(header)} -> ${coding ?? 'identity'}`, () => {
      const choice = chooseCoding(header);
      assert.deepEqual([choice?.coding, choice?.identity], [coding, identity]);
    });
  }
  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        chooseCoding(header);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('gzip', ';', 'q=', '0', '.5', ',', '*', 'identity', ' ')),
        (parts) => {
          chooseCoding(parts.join(''));
        },
      ),
    );
  });
});

describe('answers', () => {
  let encoded = 0;
  const app = createServer({ log: noLog });
  route(app, '/large', {
    GET: async (_, reply) => reply.header('etag', '"1"').type('application/json').send(LARGE),
  });
  route(app, '/kept', { GET: async (_, reply) => reply.type('application/vnd.x+json').send(KEPT) });
  route(app, '/small', { GET: async (_, reply) => reply.type('application/json').send('{}') });
  route(app, '/binary', { GET: async (_, reply) => reply.type('application/octet-stream').send(KEPT) });
  route(app, '/stream', {
    GET: async (_, reply) =>
      reply.type('application/json').send(Readable.from([LARGE.slice(0, 900), LARGE.slice(900)])),
  });
  route(app, '/broken', {
    GET: async (_, reply) =>
      reply.type('application/json').send(
        Readable.from(
          (async function* () {
            yield LARGE;
            throw new Error('disk');
          })(),
        ),
      ),
  });
  route(app, '/unwanted', {
    GET: async () => {
      encoded++;
      return LARGE;
    },
  });
  let address = '';
  before(async () => {
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  for (const [coding, undo] of Object.entries(UNDO)) {
    it(`are compressed by ${coding}, with the same tag`, async () => {
      for (const url of ['/large', '/kept', '/kept', '/stream']) {
        const { headers, rawPayload } = await app.inject({ url, headers: { 'accept-encoding': coding } });
        assert.deepEqual([headers['content-encoding'], headers.vary], [coding, 'Accept-Encoding'], url);
        assert.equal(undo(rawPayload).toString(), LARGE);
        assert.ok(rawPayload.length < LARGE.length / 2);
        if (url !== '/stream') assert.equal(Number(headers['content-length']), rawPayload.length);
        assert.equal(headers.etag, url === '/large' ? '"1"' : undefined);
      }
    });
  }
  const plain: [string, Record<string, string>][] = [
    ['/large', {}],
    ['/large', { 'accept-encoding': 'br' }],
    ['/small', { 'accept-encoding': 'gzip' }],
    ['/binary', { 'accept-encoding': 'gzip' }],
  ];
  for (const [url, headers] of plain) {
    it(`are as they are: ${url} ${JSON.stringify(headers)}`, async () => {
      const answer = await app.inject({ url, headers });
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.headers.vary, url === '/binary' ? undefined : 'Accept-Encoding');
    });
  }
  it('are compressed however small where nothing else will do', async () => {
    const answer = await app.inject({ url: '/small', headers: { 'accept-encoding': 'gzip, identity;q=0' } });
    assert.equal(gunzipSync(answer.rawPayload).toString(), '{}');
  });
  it('to HEAD have the header of GET', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const [got, head] = [
      await app.inject({ url: '/large', headers }),
      await app.inject({ method: 'HEAD', url: '/large', headers }),
    ];
    const { date: _, ...want } = got.headers;
    const { date: __, ...have } = head.headers;
    assert.deepEqual(have, want);
    assert.equal(head.rawPayload.length, 0);
  });
  it('are not made where the client takes none of the codings', async () => {
    const answer = await app.inject({ url: '/unwanted', headers: { 'accept-encoding': '*;q=0' } });
    assert.deepEqual(
      [answer.statusCode, answer.headers['accept-encoding'], encoded],
      [415, 'zstd, gzip, deflate', 0],
    );
  });
  it('that break are broken for the client, and for nobody else', async () => {
    for (const coding of ['gzip', 'identity']) {
      const answer = await fetch(`${address}/broken`, { headers: { 'accept-encoding': coding } });
      await assert.rejects(answer.text());
    }
    assert.equal((await fetch(`${address}/large`)).status, 200);
  });
});

describe('requests', () => {
  const app = createServer({ log: noLog, bodyLimit: 10_000 });
  route(app, '/echo', { POST: async (request) => request.body });
  after(() => app.close());
  const post = (body: Buffer | string, coding?: string) =>
    app.inject({
      method: 'POST',
      url: '/echo',
      body,
      headers: coding === undefined ? {} : { 'content-encoding': coding },
    });
  const codings: [string, (bytes: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['deflate', deflateSync],
    ['identity', (bytes) => bytes],
    ['', (bytes) => bytes],
    ['gzip, zstd', (bytes) => zstdCompressSync(gzipSync(bytes))],
  ];
  for (const [coding, encode] of codings) {
    it(`may come by "${coding}"`, async () => {
      const answer = await post(encode(Buffer.from('hello')), coding);
      assert.deepEqual([answer.statusCode, answer.body], [200, 'hello']);
    });
  }
  it('are bounded by what comes out', async () => {
    for (const encode of [gzipSync, zstdCompressSync]) {
      const bomb = encode(Buffer.alloc(50_000_000));
      const answer = await post(
        bomb.length < 10_000 ? bomb : encode(Buffer.alloc(5_000_000)),
        encode === gzipSync ? 'gzip' : 'zstd',
      );
      assert.equal(answer.statusCode, 413);
    }
  });
  it('may be broken', async () => {
    const whole = gzipSync(Buffer.from('hello'));
    for (const body of [
      whole.subarray(0, 12),
      Buffer.from('hello'),
      Buffer.concat([whole.subarray(0, 10), whole]),
    ]) {
      const answer = await post(body, 'gzip');
      assert.deepEqual([answer.statusCode, answer.json().code], [400, 'bad-request'], answer.body);
    }
  });
  it('by another coding are refused, with those that are taken', async () => {
    for (const coding of ['br', 'gzip, br', 'gzip, gzip, gzip']) {
      const answer = await post('x', coding);
      assert.deepEqual([answer.statusCode, answer.headers['accept-encoding']], [415, 'zstd, gzip, deflate']);
    }
  });
  it('of random bytes do no harm', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom('gzip', 'zstd', 'deflate'),
        async (bytes, coding) => {
          const { statusCode } = await post(Buffer.from(bytes), coding);
          assert.ok(statusCode === 400 || statusCode === 200, String(statusCode));
        },
      ),
      { numRuns: 60 },
    );
  });
  it('end with their connection', async () => {
    const server = createServer({ log: noLog });
    route(server, '/echo', { POST: async (request) => request.body });
    const at = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
    const { request } = await import('node:http');
    const client = request({
      port: at.port,
      host: at.hostname,
      path: '/echo',
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
    });
    client.on('error', () => {});
    client.write(gzipSync(Buffer.alloc(1000)).subarray(0, 15));
    await once(client, 'socket');
    client.destroy();
    assert.equal((await fetch(new URL('/echo', at), { method: 'POST', body: 'x' })).status, 200);
    await server.close();
  });
});
