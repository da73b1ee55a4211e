import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bunzip2 } from './bunzip2.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(packed: Uint8Array, size = 1000, limit?: number): Promise<Buffer> {
  return buffer(bunzip2(chunked(packed, size), limit));
}

// Made by: printf 'hello hello hello\n' | bzip2 | base64, and the same of nothing.
const HELLO = Buffer.from('QlpoOTFBWSZTWeW18wkAAARRAAAQQAACRKAAIbUYDAKQacKjC7kinChIctr5hIA=', 'base64');
const NOTHING = Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64');

function bzip2(bytes: Buffer, level: string): Buffer | undefined {
  try {
    return execFileSync('bzip2', [level], { input: bytes, maxBuffer: 1 << 28 });
  } catch {
    return undefined;
  }
}
const hasTool = bzip2(Buffer.alloc(0), '-1') !== undefined;

describe('bunzip2', () => {
  it('unpacks', async () => {
    for (const size of [1, 3, 100])
      assert.equal((await unpack(HELLO, size)).toString(), 'hello hello hello\n');
    assert.equal((await unpack(NOTHING)).length, 0);
  });

  it('unpacks streams behind each other, and ignores what is no stream behind them', async () => {
    const all = Buffer.concat([HELLO, NOTHING, HELLO, Buffer.from('\0\0\0\0garbage')]);
    assert.equal((await unpack(all)).toString(), 'hello hello hello\n'.repeat(2));
  });

  it('refuses what is no bzip2, is cut short, or is over the limit', async () => {
    await assert.rejects(unpack(Buffer.from('PK\x03\x04')), /not bzip2/);
    await assert.rejects(unpack(Buffer.alloc(0)), /not bzip2/);
    await assert.rejects(unpack(Buffer.from('BZhx')), /block size/);
    for (let length = 4; length < HELLO.length; length += 1)
      await assert.rejects(unpack(HELLO.subarray(0, length)), /bzip2/);
    await assert.rejects(unpack(HELLO, 10, 17), /more than 17 bytes/);
  });

  it('refuses any damage to what counts, and never hangs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(HELLO.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(HELLO);
        damaged[at] = damaged[at]! ^ change;
        const got = await unpack(damaged).catch((error: Error) => error);
        // Only the block size and the padding can change without harm.
        assert.ok(got instanceof Error || got.toString() === 'hello hello hello\n');
      }),
      { numRuns: 300 },
    );
  });

  it('unpacks what the tool packs: runs, all bytes, noise, several blocks', {
    skip: !hasTool && 'no bzip2 here',
  }, async () => {
    const noise = Buffer.alloc(150_000);
    for (let at = 0, seed = 1; at < noise.length; at += 1)
      noise[at] = (seed = (seed * 16807) % 2147483647) >>> 8;
    const samples = [
      noise,
      Buffer.alloc(600_000, 'a'),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.from('abcabcabd'.repeat(30_000)),
      ...[3, 4, 5, 254, 255, 256, 259, 260].map((length) =>
        Buffer.from(`${'x'.repeat(length)}y${'x'.repeat(length)}`),
      ),
    ];
    for (const sample of samples) {
      for (const level of ['-1', '-9']) assert.ok((await unpack(bzip2(sample, level)!, 4096)).equals(sample));
    }
  });
});
