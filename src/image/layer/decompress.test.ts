import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { chooseCompression } from './content-type.ts';
import { type Compression, createDecompressor, detectCompression } from './decompress.ts';

function unpack(
  packed: Buffer,
  kind = detectCompression(packed) as Compression,
  step = packed.length || 1,
): Buffer {
  const pieces: Buffer[] = [];
  using decompressor = createDecompressor(kind, (piece) => pieces.push(Buffer.from(piece)));
  for (let at = 0; at < packed.length; at += step) decompressor.write(packed.subarray(at, at + step));
  decompressor.end();
  return Buffer.concat(pieces);
}

const text = Buffer.from('content of a layer '.repeat(50_000));
const zstd = (data: Buffer): Buffer =>
  zstdCompressSync(data, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
// A skippable frame: its magic, its length, its bytes.
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

describe('decompress', () => {
  for (const [name, packed, want] of [
    ['gzip', gzipSync(text), text],
    ['gzip of nothing', gzipSync(Buffer.alloc(0)), Buffer.alloc(0)],
    [
      'gzip members',
      Buffer.concat([gzipSync(text), gzipSync(Buffer.alloc(0)), gzipSync(text)]),
      Buffer.concat([text, text]),
    ],
    ['zstd', zstd(text), text],
    ['zstd frames', Buffer.concat([zstd(text), skippable, zstd(text)]), Buffer.concat([text, text])],
    ['no compression', text, text],
    ['nothing', Buffer.alloc(0), Buffer.alloc(0)],
  ] as const) {
    it(`reads ${name}`, () => {
      for (const step of [packed.length || 1, 4096, 7])
        assert.ok(unpack(packed, undefined, step).equals(want), `${step}`);
    });
  }

  for (const [name, packed, want] of [
    ['a cut gzip', gzipSync(text).subarray(0, -20), /^unexpected EOF$/],
    ['a gzip without its checksum', gzipSync(text).subarray(0, -3), /^unexpected EOF$/],
    [
      'a gzip member that is cut',
      Buffer.concat([gzipSync(text), gzipSync(text).subarray(0, 5)]),
      /^unexpected EOF$/,
    ],
    [
      'garbage behind gzip',
      Buffer.concat([gzipSync(text), Buffer.from('garbage')]),
      /^gzip: invalid header$/,
    ],
    ['zeros behind gzip', Buffer.concat([gzipSync(text), Buffer.alloc(512)]), /^gzip: invalid header$/],
    [
      'a wrong checksum',
      Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8, 1)]),
      /^gzip: invalid checksum$/,
    ],
    ['a cut zstd', zstd(text).subarray(0, -6), /^unexpected EOF$/],
    ['a zstd without its checksum', zstd(text).subarray(0, -2), /^unexpected EOF$/],
    ['garbage behind zstd', Buffer.concat([zstd(text), Buffer.from('garbage!')]), /^zstd: /],
  ] as const) {
    it(`refuses ${name}`, () => {
      for (const step of [packed.length, 11]) {
        assert.throws(() => unpack(packed, undefined, step), { code: 'layer-unavailable', message: want });
      }
    });
  }

  it('hands on full buffers: whole tar blocks, whatever the input', () => {
    const sizes: number[] = [];
    using decompressor = createDecompressor('gzip', (piece) => sizes.push(piece.length));
    const packed = gzipSync(text);
    for (let at = 0; at < packed.length; at += 100) decompressor.write(packed.subarray(at, at + 100));
    decompressor.end();
    assert.ok(sizes.slice(0, -1).every((size) => size % 512 === 0));
  });

  it('ends at once when the output says so', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    using decompressor = createDecompressor('gzip', () => {
      throw new Error('enough');
    });
    assert.throws(() => decompressor.write(bomb), /enough/);
  });

  it('survives anything', () => {
    const packed = [gzipSync(text), zstd(text)];
    fc.assert(
      fc.property(
        fc.constantFrom(...packed),
        fc.nat(3000),
        fc.integer({ min: 1, max: 255 }),
        (good, at, flip) => {
          const bad = Buffer.from(good);
          bad[at % bad.length]! ^= flip;
          const kind = detectCompression(good) as Compression;
          try {
            unpack(bad, kind, 64);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'layer-unavailable');
          }
        },
      ),
      { numRuns: 200 },
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
