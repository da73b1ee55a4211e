import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { unpacked } from './keep-body.ts';

async function read(bytes: Buffer): Promise<string> {
  const pieces: Uint8Array[] = [];
  async function* body() {
    for (let at = 0; at < bytes.length; at += 9) yield bytes.subarray(at, at + 9);
  }
  for await (const piece of unpacked(body(), 'lab')) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

// Made by: printf 'first, second' | xz | base64, and the same of nothing.
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAMZmlyc3QsIHNlY29uZAAAAADLm01bUPzIuwABJQ1xGcS2H7bzfQEAAAAABFla',
  'base64',
);
const NO_XZ = Buffer.from('/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=', 'base64');

describe('a body that is kept', () => {
  for (const [what, bytes] of [
    ['as it is', Buffer.from('first, second')],
    ['gzip', gzipSync('first, second')],
    ['gzip, of several members', Buffer.concat([gzipSync('first, '), gzipSync('second')])],
    ['xz', XZ],
    ['xz, of several streams', Buffer.concat([XZ, Buffer.alloc(4), NO_XZ])],
    ['zstd', zstdCompressSync('first, second')],
    ['zstd, of several frames', Buffer.concat([zstdCompressSync('first, '), zstdCompressSync('second')])],
  ] as const) {
    it(what, async () => assert.equal(await read(bytes), 'first, second'));
  }
  for (const [what, bytes] of [
    ['gzip', gzipSync('first, second').subarray(0, -3)],
    ['zstd', zstdCompressSync('first, second').subarray(0, -3)],
    [
      'zstd, in the second frame',
      Buffer.concat([zstdCompressSync('first'), zstdCompressSync('more').subarray(0, -3)]),
    ],
  ] as const) {
    it(`is refused if it is cut: ${what}`, () =>
      assert.rejects(read(bytes), { code: 'feed', message: /^lab: / }));
  }
});
