import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fakeClock } from './clock.fixture.ts';
import { hostPacer } from './host-pacer.ts';
import { createHttpClient } from './http-client.ts';
import { type RawResponse, resumeBody } from './resume-body.ts';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const { signal } = new AbortController();

describe('a body whose connection breaks', () => {
  const open = new AsyncDisposableStack();
  const http = open.use(createHttpClient({ backoff: 1, timeout: 300 }));
  let handler: (request: IncomingMessage, response: ServerResponse) => void;
  let asked: IncomingMessage[] = [];
  let base: string;

  before(async () => {
    const server = createServer((request, response) => {
      asked.push(request);
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    open.defer(() => {
      server.closeAllConnections();
      server.close();
    });
  });
  after(() => open.disposeAsync());

  interface Behaviour {
    readonly content?: Buffer;
    readonly headers?: Readonly<Record<string, string>>;
    /** Bytes of each answer before the connection goes; the last one counts for all that follow. */
    readonly pieces: readonly number[];
    /** Hangs in place of hanging up. */
    readonly hangs?: boolean;
    /** Of the answers after the first. */
    readonly later?: (response: ServerResponse, offset: number) => boolean;
  }

  function serve({ content = CONTENT, headers = { etag: '"1"' }, pieces, hangs, later }: Behaviour): void {
    asked = [];
    handler = (request, response) => {
      const offset = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (asked.length > 1 && later?.(response, offset)) return;
      const rest = content.subarray(offset);
      response.writeHead(offset > 0 ? 206 : 200, {
        ...headers,
        'content-length': rest.length,
        ...(offset > 0 && { 'content-range': `bytes ${offset}-${content.length - 1}/${content.length}` }),
      });
      const piece = rest.subarray(0, pieces[asked.length - 1] ?? pieces.at(-1));
      if (piece.length === rest.length) response.end(piece);
      else response.write(piece, () => hangs || setTimeout(() => response.destroy(), 5));
    };
  }

  async function get(path = '/file.zip'): Promise<Buffer> {
    const response = await http.request(base + path, {}, signal);
    return Buffer.concat(await response.body.toArray());
  }

  const ranges = () => asked.map(({ headers }) => [headers.range, headers['if-range']]);

  it('is continued where it broke off', async () => {
    serve({ pieces: [100_000, 50_000, CONTENT.length] });
    assert.ok((await get()).equals(CONTENT));
    assert.deepEqual(ranges(), [
      [undefined, undefined],
      ['bytes=100000-', '"1"'],
      ['bytes=150000-', '"1"'],
    ]);
  });

  it('is continued when nothing comes any more', async () => {
    serve({ pieces: [100_000, CONTENT.length], hangs: true });
    assert.ok((await get()).equals(CONTENT));
  });

  it('is continued by its date where there is no ETag', async () => {
    const date = 'Sun, 01 Feb 2026 00:00:00 GMT';
    serve({ pieces: [100_000, CONTENT.length], headers: { 'last-modified': date } });
    assert.ok((await get()).equals(CONTENT));
    assert.equal(ranges()[1]?.[1], date);
  });

  it('is continued below its content-encoding', async () => {
    const packed = gzipSync(CONTENT, { level: 1 });
    const headers = { etag: '"1"', 'content-encoding': 'gzip' };
    serve({ content: packed, headers, pieces: [packed.length >> 1, packed.length] });
    assert.ok((await get('/file.json')).equals(CONTENT));
    assert.ok(gunzipSync(packed).equals(CONTENT));
  });

  it('waits for a server that is busy meanwhile', async () => {
    const later = (response: ServerResponse) =>
      asked.length === 2 && response.writeHead(503).end() !== undefined;
    serve({ pieces: [100_000, 0, CONTENT.length], later });
    assert.ok((await get()).equals(CONTENT));
  });

  const lost: [what: string, Behaviour, reason: RegExp][] = [
    ['names no version', { pieces: [1000], headers: {} }, /./],
    ['names a weak version only', { pieces: [1000], headers: { etag: 'W/"1"' } }, /./],
    ['gives no parts', { pieces: [1000], headers: { etag: '"1"', 'accept-ranges': 'none' } }, /./],
    [
      'has another version meanwhile',
      {
        pieces: [1000],
        later: (response) => response.writeHead(200, { etag: '"2"' }).end('other') !== undefined,
      },
      /after 1000 bytes and cannot be resumed: it has changed/,
    ],
    [
      'has another version of another length meanwhile',
      {
        pieces: [1000],
        later: (response, offset) =>
          response.writeHead(206, { etag: '"1"', 'content-range': `bytes ${offset}-1999/2000` }).end() !==
          undefined,
      },
      /cannot be resumed/,
    ],
    [
      'gives another part',
      {
        pieces: [1000],
        later: (response) =>
          response.writeHead(206, { etag: '"1"', 'content-range': 'bytes 0-299999/300000' }).end() !==
          undefined,
      },
      /cannot be resumed/,
    ],
    [
      'refuses',
      { pieces: [1000], later: (response) => response.writeHead(403).end() !== undefined },
      /status 403/,
    ],
    ['gives no byte more', { pieces: [1000, 0] }, /./],
  ];
  for (const [what, behaviour, reason] of lost) {
    it(`fails where the server ${what}`, async () => {
      serve(behaviour);
      await assert.rejects(get(), reason);
      assert.ok(asked.length <= 12, String(asked.length));
    });
  }

  it('lets go of the connection when nobody reads on', async () => {
    serve({ pieces: [1000], hangs: true });
    const response = await http.request(`${base}/file.zip`, {}, signal);
    const closed = new Promise((resolve) => asked[0]!.socket.once('close', resolve));
    response.body.destroy();
    await closed;
  });
});

it('is whole or an error, wherever and however often it breaks', async () => {
  const headers = (offset: number) => ({
    etag: '"1"',
    'content-length': String(CONTENT.length - offset),
    ...(offset > 0 && { 'content-range': `bytes ${offset}-${CONTENT.length - 1}/${CONTENT.length}` }),
  });
  const breaks = fc.array(fc.integer({ min: 0, max: CONTENT.length / 2 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(breaks, fc.boolean(), async (lengths, isSilent) => {
      let answers = 0;
      const answer = (offset: number): RawResponse => {
        const length = lengths[answers++] ?? CONTENT.length;
        async function* bytes() {
          for (let i = offset; i < Math.min(offset + length, CONTENT.length); i += 9999)
            yield CONTENT.subarray(i, Math.min(i + 9999, offset + length));
          if (offset + length < CONTENT.length && !isSilent) throw new Error('hung up');
        }
        const body = Readable.from(bytes(), { objectMode: false });
        return { statusCode: offset === 0 ? 200 : 206, headers: headers(offset), body };
      };
      const again = async ({ range = '' }: Readonly<Record<string, string>>): Promise<RawResponse> => {
        const offset = Number(/\d+/.exec(range)?.[0]);
        // A range from the start is the whole: a server may answer 200.
        return answer(offset);
      };
      const chunks = await resumeBody(answer(0), { again, signal })
        .toArray()
        .catch((error: unknown) => String(error));
      if (typeof chunks === 'string') assert.match(chunks, /hung up|bytes received/);
      else assert.ok(Buffer.concat(chunks).equals(CONTENT));
    }),
    { numRuns: 60 },
  );
});

describe('a host that asks to be left alone', () => {
  it('is asked by nobody meanwhile', async () => {
    const clock = fakeClock();
    const pacer = hostPacer({ rate: 1000, burst: 10 }, clock);
    pacer.hold('a', 40);
    const turns: string[] = [];
    await Promise.all(
      ['a', 'b'].map(async (host) => turns.push(await pacer.turn(host, signal).then(() => host))),
    );
    assert.deepEqual(turns, ['b', 'a']);
    assert.deepEqual([clock.slept, clock.now()], [[40], 40]);
  });

  it('makes its other feeds fail at once when it takes too long', async () => {
    const pacer = hostPacer();
    pacer.hold('a', 3_600_000);
    await assert.rejects(pacer.turn('a', signal), /left alone for another 3600 s/);
  });
});
