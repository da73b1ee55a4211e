import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AppError } from '../errors.ts';
import { gunzip } from './gunzip.ts';

function chunked(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

async function read(body: AsyncIterable<Uint8Array>, max?: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of gunzip(body, 'x.gz', max)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('gunzip', () => {
  const text = 'some text, '.repeat(1000);
  for (const size of [1, 7, 100_000]) {
    it(`gzip, ${size} bytes at a time`, async () =>
      assert.equal(await read(chunked(gzipSync(text), size)), text));
    it(`no gzip, ${size} bytes at a time`, async () =>
      assert.equal(await read(chunked(Buffer.from(text), size)), text));
  }
  it('several members', async () => {
    assert.equal(await read(chunked(Buffer.concat([gzipSync('a'), gzipSync('b')]), 5)), 'ab');
  });
  it('nothing', async () => assert.equal(await read(chunked(Buffer.alloc(0), 1)), ''));

  const whole = gzipSync(text);
  it('refuses a file that is cut short', async () => {
    await assert.rejects(read(chunked(whole.subarray(0, -10), 50)), { code: 'feed', message: /^x\.gz: / });
  });
  it('refuses a broken file', async () => {
    const broken = Buffer.from(whole);
    broken.fill(0xff, 20, 60);
    await assert.rejects(read(chunked(broken, 50)), { code: 'feed', message: /^x\.gz: / });
  });
  it('refuses more than the limit', async () => {
    await assert.rejects(read(chunked(whole, 50), 100), { code: 'feed', message: /more than 100 bytes/ });
  });
  it('passes on what the source throws', async () => {
    async function* failing() {
      yield whole.subarray(0, 30);
      throw new AppError('feed', 'the connection broke');
    }
    await assert.rejects(read(failing()), { code: 'feed', message: 'the connection broke' });
  });
  it('lets go of the source when it is left early', async () => {
    const body = chunked(whole, 10);
    for await (const _ of gunzip(body, 'x.gz')) break;
    assert.equal(body.destroyed, true);
  });
});
