import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { createHttpClient } from './http-client.ts';
import { readAll } from './read-all.ts';

const BODY = randomBytes(1024 * 1024).toString('base64');

/** A server that sends `answer` to whoever connects, and then closes. */
async function answering(answer: readonly (string | Buffer)[]) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      for (const piece of answer) socket.write(piece);
      socket.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('an answer whose server closes before a slow reader is done', () => {
  const chunked = (body: Buffer | string): (string | Buffer)[] => [
    `${Buffer.byteLength(body).toString(16)}\r\n`,
    body,
    '\r\n0\r\n\r\n',
  ];
  const packed = gzipSync(BODY);
  const cases: [string, (string | Buffer)[]][] = [
    ['HTTP/1.0 without a length', ['HTTP/1.0 200 OK\r\n\r\n', BODY]],
    ['HTTP/1.0 with a length', [`HTTP/1.0 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`, BODY]],
    ['HTTP/1.1 without a length', ['HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', BODY]],
    [
      'HTTP/1.1 with a length',
      [`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n`, BODY],
    ],
    [
      'HTTP/1.1 in chunks',
      ['HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n', ...chunked(BODY)],
    ],
    [
      'HTTP/1.0, packed in frames',
      [
        'HTTP/1.0 200 OK\r\nContent-Encoding: zstd\r\n\r\n',
        zstdCompressSync(BODY.slice(0, 9)),
        zstdCompressSync(BODY.slice(9)),
      ],
    ],
    ['HTTP/1.0, packed', ['HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n', packed]],
    [
      'HTTP/1.1 in chunks, packed',
      [
        'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n',
        ...chunked(packed),
      ],
    ],
  ];
  for (const [what, answer] of cases) {
    it(`is whole: ${what}`, async () => {
      await using server = await answering(answer);
      await using client = createHttpClient();
      const { status, body } = await client.request(server.url, {}, AbortSignal.timeout(20_000));
      assert.equal(status, 200);
      let text = '';
      for await (const piece of body) {
        for (let i = 0; i < 20; i++) await turn();
        text += String(piece);
      }
      assert.ok(text === BODY, `${text.length} of ${BODY.length} bytes`);
    });
  }

  // Undici gives up what it has not parsed yet unless the server said that it would close.
  it('is whole or told as broken, if the server does not say that it closes', async () => {
    await using server = await answering([`HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`, BODY]);
    await using client = createHttpClient();
    const { body } = await client.request(server.url, {}, AbortSignal.timeout(20_000));
    const read = await readAll(body, 2 * BODY.length, () => new Error('too long')).then(
      (bytes) => bytes.length,
      (error: Error) => error.message,
    );
    assert.ok(read === BODY.length || /other side closed/.test(String(read)), String(read));
  });
});

describe('an answer that is not the file', () => {
  const secret = 'user:password';
  const head = (...fields: string[]): string =>
    ['HTTP/1.1 200 OK', 'Connection: close', ...fields, '', ''].join('\r\n');
  const cases: [string, (string | Buffer)[], RegExp][] = [
    ['a page', [head(), '<!DOCTYPE html><p>Sign in'], /\/feed: an HTML page was returned/],
    ['a page after blanks', [head(), '\ufeff \n<html lang="en">'], /\/feed: an HTML page was returned/],
    [
      'a page that begins as none',
      [head('Content-Type: text/html; charset=x'), '<!-- a --><head>'],
      /\/feed: an HTML page was returned/,
    ],
    [
      'a page, packed',
      [head('Content-Encoding: gzip'), gzipSync('<html>')],
      /\/feed: an HTML page was returned/,
    ],
    [
      'another coding',
      [head('Content-Encoding: gzip'), '{"a":1}'],
      /\/feed: incorrect header check \(Content-Encoding: gzip\)/,
    ],
    [
      'a coding that is cut',
      [head('Content-Encoding: gzip'), gzipSync('x'.repeat(999)).subarray(0, -9)],
      /\/feed: .*\(Content-Encoding: gzip\)/,
    ],
    [
      'an unknown coding',
      [head('Content-Encoding: pack200'), 'x'],
      /\/feed: content-encoding pack200 cannot be read/,
    ],
    ['cut', [head('Content-Length: 100'), 'x'], /\/feed: /],
  ];
  it('is what a folder is listed by', async () => {
    const page = '<!DOCTYPE html><a href="bookworm/">bookworm/</a>';
    await using server = await answering([head('Content-Type: text/html'), page]);
    await using client = createHttpClient({ backoff: 1 });
    const { text } = await client.request(`${server.url}/dists/`, {}, AbortSignal.timeout(20_000));
    assert.equal(await text(), page);
  });

  for (const [what, answer, want] of cases) {
    it(`is told by its URL and its kind, without a password: ${what}`, async () => {
      await using server = await answering(answer);
      await using client = createHttpClient({ backoff: 1 });
      const url = server.url.replace('//', `//${secret}@`);
      await assert.rejects(
        client.request(url, {}, AbortSignal.timeout(20_000)).then(({ text }) => text()),
        ({ message }: Error) => want.test(message) && !message.includes(secret),
      );
    });
  }
  for (const [what, answer] of [
    ['XML', [head('Content-Type: text/xml'), '<?xml version="1.0"?><a/>']],
    ['JSON that a server calls a page', [head('Content-Type: text/html'), '{}']],
  ] as const) {
    it(`is the file if it is ${what}`, async () => {
      await using server = await answering(answer);
      await using client = createHttpClient();
      const { text } = await client.request(server.url, {}, AbortSignal.timeout(20_000));
      assert.equal(await text(), answer[1]);
    });
  }
});
