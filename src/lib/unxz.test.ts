import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { unxz } from './unxz.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(packed: Uint8Array, size = 1000, limit?: number): Promise<Buffer> {
  return buffer(unxz(chunked(packed, size), limit));
}

// Made by: printf 'hello hello hello\n' | xz | base64, and the same of nothing.
const HELLO = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AARAAxdADQZSe6N6U9+ISGwAAAfAdnIh8FDyAABKBLJamKOH7bzfQEAAAAABFla',
  'base64',
);
const NOTHING = Buffer.from('/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=', 'base64');

function xz(bytes: Buffer, ...options: string[]): Buffer | undefined {
  try {
    return execFileSync('xz', ['-c', ...options], { input: bytes, maxBuffer: 1 << 28 });
  } catch {
    return undefined;
  }
}
const hasTool = xz(Buffer.alloc(0)) !== undefined;

describe('unxz', () => {
  it('unpacks', async () => {
    for (const size of [1, 3, 100])
      assert.equal((await unpack(HELLO, size)).toString(), 'hello hello hello\n');
    assert.equal((await unpack(NOTHING)).length, 0);
  });

  it('unpacks streams behind each other, with padding between and after them', async () => {
    const all = Buffer.concat([HELLO, Buffer.alloc(4), NOTHING, HELLO, Buffer.alloc(8)]);
    assert.equal((await unpack(all)).toString(), 'hello hello hello\n'.repeat(2));
  });

  it('refuses what is no xz, is cut short, or is over the limit', async () => {
    await assert.rejects(unpack(Buffer.from('PK\x03\x04')), /not xz/);
    await assert.rejects(unpack(Buffer.alloc(0)), /not xz/);
    await assert.rejects(unpack(Buffer.concat([HELLO, Buffer.from('garbage')])), /not xz/);
    for (let length = 4; length < HELLO.length; length += 1)
      await assert.rejects(unpack(HELLO.subarray(0, length)), /xz/);
    await assert.rejects(unpack(HELLO, 10, 17), /more than 17 bytes/);
  });

  it('refuses any damage, and never hangs', async () => {
    for (let at = 0; at < HELLO.length; at++) {
      for (const change of [1, 0x80, 0xff]) {
        const damaged = Buffer.from(HELLO);
        damaged[at] = damaged[at]! ^ change;
        const got = await unpack(damaged).catch((error: Error) => error);
        // The index says the sizes once more, which nobody asks.
        assert.ok(got instanceof Error || got.toString() === 'hello hello hello\n', `byte ${at}`);
      }
    }
  });

  it('refuses noise with a good header', async () => {
    const start = HELLO.subarray(0, 24);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        await assert.rejects(unpack(Buffer.concat([start, noise])), /xz/);
      }),
      { numRuns: 200 },
    );
  });

  it('unpacks what the tool packs: runs, all bytes, noise, several blocks, each check', {
    skip: !hasTool && 'no xz here',
  }, async () => {
    const noise = Buffer.alloc(150_000);
    for (let at = 0, seed = 1; at < noise.length; at += 1)
      noise[at] = (seed = (seed * 16807) % 2147483647) >>> 8;
    const words = Buffer.from(
      Array.from({ length: 400_000 }, (_, index) => `<package name="lib${(index * 7919) % 1013}"/>`).join(
        '\n',
      ),
    );
    const samples = [
      noise,
      Buffer.alloc(600_000, 'a'),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.concat([noise, Buffer.from('abcabcabd'.repeat(300_000)), noise]),
    ];
    const options = [
      ['-0'],
      ['-6', '--check=crc32'],
      ['-9', '--check=sha256'],
      ['-1', '--check=none', '--block-size=100000'],
      ['--lzma2=preset=1,lc=1,lp=2,pb=0,dict=4KiB'],
    ];
    for (const sample of samples)
      for (const each of options) assert.ok((await unpack(xz(sample, ...each)!, 4096)).equals(sample));
    assert.ok((await unpack(xz(words, '-1')!, 65_536)).equals(words));
    await assert.rejects(unpack(xz(noise, '--x86', '--lzma2')!), /filter/);
  });
});
