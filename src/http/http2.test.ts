import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, createConnection } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { type FastifyInstance, fastify } from 'fastify';
import { AppError } from '../errors.ts';
import { noLog } from '../lib/log.ts';
import { keyPair } from '../lib/openssl.fixture.ts';
import { answerClientError } from './client-error.ts';
import { closeAllConnections, speakHttp2 } from './http2.ts';
import { route } from './route.ts';
import { createServer } from './server.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function testApp(certificate?: { cert: Buffer; key: Buffer; minVersion: 'TLSv1.2' }): FastifyInstance {
  const app = createServer({ log: noLog, bodyLimit: 100_000, ...(certificate && { certificate }) });
  route(app, '/thing', {
    GET: async (request) => `${request.raw.httpVersion} ${request.headers.host} ${request.protocol}`,
    POST: async (request) => `got ${(request.body as Buffer | undefined)?.length ?? 'nothing'}`,
    DELETE: async () => {
      throw new AppError('not-found', 'no such thing');
    },
  });
  route(app, '/large', { GET: async () => 'x'.repeat(3_000_000) });
  route(app, '/stream', { GET: async () => Readable.from(['a'.repeat(70_000), 'b'.repeat(70_000)]) });
  return app;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Rejects where the stream is reset before it has an answer. */
async function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  let got: Answer['headers'] = {};
  stream.on('response', (received) => {
    got = received as Answer['headers'];
  });
  if (body !== undefined) stream.end(body);
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await once(stream, 'close');
  const text = Buffer.concat(pieces).toString();
  return { status: got[':status'] as number | undefined, body: text, headers: got };
}

/** All that the server says to `bytes`, until it closes or is silent. */
async function raw(port: number, ...pieces: (Buffer | string)[]): Promise<Buffer> {
  return await rawFor(500, port, ...pieces);
}

async function rawFor(wait: number, port: number, ...pieces: (Buffer | string)[]): Promise<Buffer> {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  const got: Buffer[] = [];
  socket.on('data', (piece: Buffer) => got.push(piece));
  for (const piece of pieces) {
    if (!socket.destroyed) socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.end();
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, wait).unref())]);
  socket.destroy();
  return Buffer.concat(got);
}

describe('HTTP/2 by prior knowledge', () => {
  const app = testApp();
  let port = 0;
  let session: ClientHttp2Session;
  before(async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
    session = connect(`http://127.0.0.1:${port}`);
    session.on('error', () => {});
  });
  after(async () => {
    session.close();
    await app.close();
  });

  it('is answered on the port of HTTP/1.1, by the same routes', async () => {
    const host = `127.0.0.1:${port}`;
    const { status, body } = await ask(session, { ':path': '/thing' });
    assert.deepEqual([status, body], [200, `2.0 ${host} http`]);
    const other = await fetch(`http://${host}/thing`);
    assert.equal(await other.text(), `1.1 ${host} http`);
  });

  const cases: [string, OutgoingHttpHeaders, Buffer | undefined, number, RegExp][] = [
    ['an error', { ':method': 'DELETE', ':path': '/thing' }, undefined, 404, /no such thing/],
    ['a path that is none', { ':path': '/nothing' }, undefined, 404, /^404 page not found\n$/],
    ['another method', { ':method': 'PUT', ':path': '/thing' }, Buffer.from('{}'), 405, /only allows/],
    ['HEAD', { ':method': 'HEAD', ':path': '/thing' }, undefined, 200, /^$/],
    ['a NUL', { ':path': '/thing?a=%00' }, undefined, 400, /NUL/],
    ['a path that is not clean', { ':path': '//thing' }, undefined, 307, /^$/],
    [
      'two hosts',
      { ':path': '/thing', ':authority': 'one.test', host: 'other.test' },
      undefined,
      400,
      /more than one Host/,
    ],
    [
      'a body without length or type',
      { ':method': 'POST', ':path': '/thing' },
      Buffer.from('12345'),
      200,
      /^got 5$/,
    ],
    ['an empty body', { ':method': 'POST', ':path': '/thing' }, Buffer.from(''), 200, /^got (0|nothing)$/],
    ['no body', { ':method': 'POST', ':path': '/thing' }, undefined, 200, /^got nothing$/],
    [
      'a body over the limit',
      { ':method': 'POST', ':path': '/thing', 'content-type': 'application/json' },
      Buffer.alloc(3_000_000),
      413,
      /too large/,
    ],
    [
      'a body that says that it is over the limit',
      { ':method': 'POST', ':path': '/thing', 'content-length': 3_000_000 },
      Buffer.alloc(3_000_000),
      413,
      /too large/,
    ],
    [
      'a body that is asked for',
      { ':method': 'POST', ':path': '/thing', expect: '100-continue', 'content-length': 3 },
      Buffer.from('abc'),
      200,
      /^got 3$/,
    ],
    [
      'an answer as a stream',
      { ':path': '/stream', 'accept-encoding': 'identity' },
      undefined,
      200,
      /^a{70000}b{70000}$/,
    ],
    ['one that is compressed', { ':path': '/large', 'accept-encoding': 'gzip' }, undefined, 200, /./s],
  ];
  for (const [what, headers, body, status, text] of cases) {
    it(`${what}: ${status}`, async () => {
      const answer = await ask(session, headers, body);
      assert.equal(answer.status, status, answer.body);
      assert.match(answer.body, text);
      assert.equal(answer.headers.connection, undefined);
    });
  }

  it('a header over the limit of HTTP/1.1 is not served', async () => {
    const own = connect(`http://127.0.0.1:${port}`);
    own.on('error', () => {});
    const answer = await ask(own, { ':path': '/thing', 'x-much': 'y'.repeat(40 * 1024) });
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [431, 'bad-request']);
    own.destroy();
    assert.equal((await ask(session, { ':path': '/thing' })).status, 200);
  });

  it('many fields, more than it holds, are not served', async () => {
    const own = connect(`http://127.0.0.1:${port}`);
    own.on('error', () => {});
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-${i}`, '1']));
    const answer = await ask(own, { ':path': '/thing', ...fields }).catch(() => undefined);
    assert.notEqual(answer?.status, 200);
    own.destroy();
  });

  it('requests beside one another have their own answers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        ask(session, { ':method': 'POST', ':path': '/thing' }, Buffer.alloc(i + 1)),
      ),
    );
    assert.deepEqual(
      answers.map(({ body }) => body),
      answers.map((_, i) => `got ${i + 1}`),
    );
  });

  it('says how many requests a connection may have open', async () => {
    const own = connect(`http://127.0.0.1:${port}`);
    const [settings] = (await once(own, 'remoteSettings')) as [{ maxConcurrentStreams?: number }];
    assert.equal(settings.maxConcurrentStreams, 250);
    own.destroy();
  });

  it('a preface in pieces is one', async () => {
    const pieces = [...PREFACE].map((byte) => Buffer.from([byte]));
    const empty = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]); // SETTINGS
    const answer = await raw(port, ...pieces, empty);
    assert.equal(answer[3], 4, 'the first frame of a server is SETTINGS');
  });

  for (const [what, bytes] of [
    ['what only begins like a preface', 'PRI * HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['garbage', '\x16\x03\x01\x02\x00'],
  ] as const) {
    it(`${what} is answered as HTTP/1.1 is`, async () => {
      assert.match((await raw(port, bytes)).toString(), /^HTTP\/1\.1 400 /);
    });
  }

  it('a request of HTTP/1.1 in pieces, and a second one on its connection', async () => {
    const answer = await raw(
      port,
      'P',
      'OST /thing HTTP/1.1\r\nHost: a\r\nContent-Le',
      'ngth: 2\r\n\r\nab',
      'GET /thing HTTP/1.1\r\nHost: b\r\n\r\n',
    );
    assert.match(answer.toString(), /got 2HTTP\/1\.1 200 [\s\S]*1\.1 b http$/);
  });

  it('goes on, whatever comes after a preface', async () => {
    const frame = fc
      .tuple(fc.nat(40), fc.nat(12), fc.nat(255), fc.nat(5), fc.uint8Array({ maxLength: 60 }))
      .map(([length, type, flags, stream, payload]) =>
        Buffer.concat([Buffer.from([0, 0, length, type, flags, 0, 0, 0, stream]), payload]),
      );
    const sound = fc.constantFrom(
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
      // GET / by the static table, with its end and without
      Buffer.from([0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84]),
      Buffer.from([0, 0, 3, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84]),
      Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8]), // RST_STREAM
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(frame, sound), { maxLength: 8 }), async (frames) => {
        await rawFor(20, port, Buffer.concat([PREFACE, ...frames]));
        const { status } = await ask(session, { ':path': '/thing' });
        assert.equal(status, 200);
      }),
      { numRuns: Number(process.env.HTTP2_RUNS ?? 40) },
    );
  });

  it('a client that resets each of its requests at once is sent away, and the others are served', async () => {
    const own = connect(`http://127.0.0.1:${port}`);
    own.on('error', () => {});
    for (let i = 0; i < 5_000 && !own.destroyed; i += 1) {
      const stream = own.request({ ':path': '/thing' });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (!own.destroyed) await new Promise((resolve) => own.once('close', resolve));
    assert.ok(own.destroyed);
    assert.equal((await ask(session, { ':path': '/thing' })).status, 200);
  });
});

it('a server that is being closed answers what it has begun, and then its connections end', async () => {
  const app = testApp();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    route(app, '/held', {
      GET: async () => {
        resolve();
        await held;
        return 'done';
      },
    });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  const answer = ask(session, { ':path': '/held' });
  await begun;
  const closed = app.close();
  setTimeout(release, 50);
  assert.equal((await answer).body, 'done');
  await closed;
  if (!session.destroyed) await once(session, 'close');
});

it('cuts its connections off when it must', async () => {
  const app = testApp();
  route(app, '/never', { GET: () => new Promise(() => {}) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  const answer = ask(session, { ':path': '/never' }).catch(() => undefined);
  await once(session, 'remoteSettings');
  setTimeout(() => closeAllConnections(app), 50);
  await answer;
  await app.close();
});

describe('a connection that is of no use any more', () => {
  const limits = {
    headersTimeout: 200,
    requestTimeout: 200,
    keepAliveTimeout: 60_000,
    maxHeaderSize: 1000,
    pingInterval: 60_000,
  };
  const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const GET = Buffer.from([0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84]);
  const POST = Buffer.from([0, 0, 3, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84]);
  const cases: [string, Partial<typeof limits>, Buffer][] = [
    ['that says nothing', {}, Buffer.alloc(0)],
    ['that begins a preface', {}, PREFACE.subarray(0, 10)],
    ['without requests', { keepAliveTimeout: 100 }, Buffer.concat([PREFACE, SETTINGS])],
    ['after its request', { keepAliveTimeout: 100 }, Buffer.concat([PREFACE, SETTINGS, GET])],
    [
      'with half a header',
      { keepAliveTimeout: 100 },
      Buffer.concat([PREFACE, SETTINGS, Buffer.from([0, 0, 40, 1, 4, 0, 0, 0, 1, 0x82])]),
    ],
    ['whose body does not come', { keepAliveTimeout: 100 }, Buffer.concat([PREFACE, SETTINGS, POST])],
    [
      'with a fault that Node does not tell of',
      { pingInterval: 100 },
      Buffer.concat([PREFACE, SETTINGS, Buffer.from([0, 0, 1, 4, 0, 0, 0, 0, 0, 1])]),
    ],
    ['whose client answers no ping', { pingInterval: 100 }, Buffer.concat([PREFACE, SETTINGS, GET])],
  ];
  for (const [what, less, bytes] of cases) {
    it(`${what} is closed`, async () => {
      const app = fastify({ clientErrorHandler: answerClientError });
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      app.all('/', async () => 'ok');
      speakHttp2(app, { ...limits, ...less }, noLog);
      await app.listen({ host: '127.0.0.1', port: 0 });
      const socket = createConnection((app.server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.write(bytes);
      await once(socket, 'close');
      await app.close();
    });
  }
  it('but not one whose client answers, however long its request takes', async () => {
    const app = fastify();
    app.get('/', () => new Promise((resolve) => setTimeout(() => resolve('late'), 700)));
    speakHttp2(app, { ...limits, keepAliveTimeout: 100, pingInterval: 100 }, noLog);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
    assert.equal((await ask(session, { ':path': '/' })).body, 'late');
    session.close();
    await app.close();
  });
});

const pair = keyPair();
it('with TLS it is chosen by ALPN', { skip: !pair && 'there is no openssl' }, async () => {
  const app = testApp({ ...pair!, minVersion: 'TLSv1.2' });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  assert.equal((await ask(session, { ':path': '/thing' })).body, `2.0 127.0.0.1:${port} https`);
  session.close();
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  socket.write('GET /thing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const piece of socket) text += piece;
  assert.match(text, /1\.1 a https$/);
  await app.close();
});
