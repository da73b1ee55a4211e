import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { chooseCompression } from './content-type.ts';
import { type Compression, createDecompressor, detectCompression, WAYS, type Way } from './decompress.ts';

async function unpack(
  packed: Buffer,
  way: Way,
  kind = detectCompression(packed) as Compression,
  step = packed.length || 1,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  using decompressor = createDecompressor(kind, (piece) => pieces.push(Buffer.from(piece)), way);
  // One buffer for all input, as the reader of a file has: it is only good until the piece is done.
  const input = Buffer.alloc(step);
  for (let at = 0; at < packed.length; at += step) {
    const length = packed.copy(input, 0, at, at + step);
    await decompressor.write(input.subarray(0, length));
  }
  await decompressor.end();
  return Buffer.concat(pieces);
}

const text = Buffer.from('content of a layer '.repeat(50_000));
const zstd = (data: Buffer): Buffer =>
  zstdCompressSync(data, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
// A skippable frame: its magic, its length, its bytes.
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

const gunzipped = [
  ['gzip', gzipSync(text), text],
  ['gzip of nothing', gzipSync(Buffer.alloc(0)), Buffer.alloc(0)],
  [
    'gzip members',
    Buffer.concat([gzipSync(text), gzipSync(Buffer.alloc(0)), gzipSync(text)]),
    Buffer.concat([text, text]),
  ],
  ['zstd', zstd(text), text],
  ['zstd of nothing', zstd(Buffer.alloc(0)), Buffer.alloc(0)],
  ['zstd frames', Buffer.concat([zstd(text), skippable, zstd(text)]), Buffer.concat([text, text])],
  ['zstd frames of nothing', Buffer.concat([zstd(text), zstd(Buffer.alloc(0)), skippable]), text],
  ['no compression', text, text],
  ['nothing', Buffer.alloc(0), Buffer.alloc(0)],
] as const;

const refused = [
  ['a cut gzip', gzipSync(text).subarray(0, -20), /^unexpected EOF$/],
  ['a gzip without its checksum', gzipSync(text).subarray(0, -3), /^unexpected EOF$/],
  ['a gzip of its first bytes', gzipSync(text).subarray(0, 6), /^unexpected EOF$/],
  [
    'a gzip member that is cut',
    Buffer.concat([gzipSync(text), gzipSync(text).subarray(0, 5)]),
    /^unexpected EOF$/,
  ],
  ['garbage behind gzip', Buffer.concat([gzipSync(text), Buffer.from('garbage')]), /^gzip: invalid header$/],
  ['zeros behind gzip', Buffer.concat([gzipSync(text), Buffer.alloc(512)]), /^gzip: invalid header$/],
  ['one zero behind gzip', Buffer.concat([gzipSync(text), Buffer.alloc(1)]), /^gzip: invalid header$/],
  [
    'a wrong checksum',
    Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8, 1)]),
    /^gzip: invalid checksum$/,
  ],
  ['a cut zstd', zstd(text).subarray(0, -6), /^unexpected EOF$/],
  ['a zstd without its checksum', zstd(text).subarray(0, -2), /^unexpected EOF$/],
  ['a zstd of its first bytes', zstd(text).subarray(0, 5), /^unexpected EOF$/],
  ['a zstd frame that is cut', Buffer.concat([zstd(text), zstd(text).subarray(0, 9)]), /^unexpected EOF$/],
  ['garbage behind zstd', Buffer.concat([zstd(text), Buffer.from('garbage!')]), /^zstd: Unknown frame/],
  ['zeros behind zstd', Buffer.concat([zstd(text), Buffer.alloc(512)]), /^zstd: Unknown frame descriptor$/],
] as const;

for (const [name, way] of Object.entries(WAYS)) {
  describe(`decompress by ${name}`, () => {
    for (const [what, packed, want] of gunzipped) {
      it(`reads ${what}`, async () => {
        for (const step of [packed.length || 1, 4096, 7])
          assert.ok((await unpack(packed, way, undefined, step)).equals(want), `${step}`);
      });
    }

    for (const [what, packed, message] of refused) {
      it(`refuses ${what}`, async () => {
        for (const step of [packed.length, 11]) {
          await assert.rejects(unpack(packed, way, undefined, step), { code: 'layer-unavailable', message });
        }
      });
    }

    it('hands on full buffers: whole tar blocks, whatever the input', async () => {
      const sizes: number[] = [];
      using decompressor = createDecompressor('gzip', (piece) => sizes.push(piece.length), way);
      const packed = gzipSync(text);
      for (let at = 0; at < packed.length; at += 100) await decompressor.write(packed.subarray(at, at + 100));
      await decompressor.end();
      assert.ok(sizes.length > 1);
      assert.ok(sizes.slice(0, -1).every((size) => size === sizes[0] && size % 512 === 0));
    });

    it('ends at once when the output says so', async () => {
      let calls = 0;
      using decompressor = createDecompressor(
        'gzip',
        () => {
          calls += 1;
          throw new Error('enough');
        },
        way,
      );
      await assert.rejects(
        async () => decompressor.write(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
        /enough/,
      );
      assert.equal(calls, 1);
    });
  });
}

describe('the ways to decompress', () => {
  // Not the message: what libzstd says of damage depends on how much it had at a time.
  const answer = async (...asked: Parameters<typeof unpack>): Promise<unknown> =>
    unpack(...asked).catch(({ code }) => ({ code }));

  it('give the same of damaged, cut and continued streams', async () => {
    const small = Buffer.from('content of a layer '.repeat(50));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(gzipSync(small), zstd(small)),
        fc.constantFrom(gzipSync(small), zstd(small), skippable, Buffer.alloc(3), Buffer.alloc(0)),
        fc.record({
          at: fc.nat(300),
          flip: fc.nat(255),
          cut: fc.nat(300),
          step: fc.integer({ min: 1, max: 99 }),
        }),
        async (first, second, { at, flip, cut, step }) => {
          const kind = detectCompression(first) as Compression;
          const bad = Buffer.concat([first, second]);
          bad[at % bad.length]! ^= flip;
          const packed = cut % 3 === 0 ? bad : bad.subarray(0, cut);
          const [byHandle, byStream] = await Promise.all([
            answer(packed, WAYS.handle, kind, step),
            answer(packed, WAYS.stream, kind, step),
          ]);
          assert.deepEqual(byStream, byHandle);
          if (!Buffer.isBuffer(byHandle)) {
            assert.equal((byHandle as { code?: string }).code, 'layer-unavailable');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('content type', () => {
  for (const [type, detected, want] of [
    ['', 'gzip', 'gzip'],
    ['', 'none', 'none'],
    ['application/octet-stream', 'zstd', 'zstd'],
    ['binary/octet-stream', 'none', 'none'],
    ['text/plain; charset=utf-8', 'gzip', 'gzip'],
    ['application/x-tar', 'none', 'none'],
    ['application/vnd.oci.image.layer.v1.tar', 'none', 'none'],
    ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip', 'gzip'],
    ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd', 'zstd'],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip', 'gzip'],
    ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip', 'gzip'],
    ['Application/GZIP; x=y', 'gzip', 'gzip'],
  ] as const) {
    it(`takes ${detected} as "${type}"`, () => assert.equal(chooseCompression(type, detected), want));
  }
  for (const [type, detected, code, message] of [
    ['text/html', 'none', 'layer-unavailable', /unknown content-type "text\/html"/],
    [
      'application/gzip',
      'none',
      'layer-unavailable',
      /mismatched compression \("KindNone"\) and content-type \("application\/gzip"\)/,
    ],
    ['application/x-tar', 'gzip', 'layer-unavailable', /mismatched/],
    ['', 'bzip2', 'layer-unavailable', /disallowed compression kind/],
    ['application/x-tar', 'xz', 'bad-layer', /xz compression is not supported/],
  ] as const) {
    it(`refuses ${detected} as "${type}"`, () =>
      assert.throws(() => chooseCompression(type, detected), { code, message }));
  }
  it('knows compressions by magic', () => {
    assert.equal(detectCompression(Buffer.from('BZh91AY')), 'bzip2');
    assert.equal(detectCompression(Buffer.from('fd377a585a00', 'hex')), 'xz');
    assert.equal(detectCompression(Buffer.from('1f8b', 'hex')), 'none');
  });
});
