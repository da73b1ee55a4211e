import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parseDigest } from '../../model/digest.ts';
import { tarOf } from '../tar/writer.fixture.ts';
import { WAYS } from './decompress.ts';
import { fetchLayer } from './fetch-layer.ts';
import { createLayerBudget, DEFAULT_LIMITS } from './layer-limits.ts';

const archive = tarOf({ name: 'a', content: 'hello'.repeat(500_000) });
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ways-'));
});
after(() => rmSync(folder, { recursive: true }));

async function fetched(
  way: (typeof WAYS)[keyof typeof WAYS],
  packed: Buffer,
  { digestOf = packed, uncompressedBytes = DEFAULT_LIMITS.uncompressedBytes } = {},
): Promise<Buffer> {
  const path = join(folder, 'layer');
  writeFileSync(path, packed);
  const pieces: Buffer[] = [];
  await fetchLayer(
    {
      hash: parseDigest(`sha256:${createHash('sha256').update(digestOf).digest('hex')}`),
      uri: pathToFileURL(path).href,
      headers: {},
    },
    {
      way,
      allowLocal: true,
      signal: new AbortController().signal,
      budget: createLayerBudget({ ...DEFAULT_LIMITS, uncompressedBytes }, () => false),
    },
    { write: (piece) => pieces.push(Buffer.from(piece)), end() {} },
  );
  return Buffer.concat(pieces);
}

for (const [name, way] of Object.entries(WAYS)) {
  for (const [kind, packed] of [
    ['gzip', gzipSync(archive)],
    ['zstd', zstdCompressSync(archive)],
  ] as const) {
    describe(`a layer of ${kind} by ${name}`, () => {
      it('is read', async () => assert.ok((await fetched(way, packed)).equals(archive)));
      it('is held to the limits', async () => {
        await assert.rejects(fetched(way, packed, { uncompressedBytes: 1_000_000 }), { code: 'layer-limit' });
      });
      it('is told as cut', async () => {
        await assert.rejects(fetched(way, packed.subarray(0, -9)), {
          code: 'layer-unavailable',
          message: 'unexpected EOF',
        });
      });
      it('is told as another by its digest rather than by its damage', async () => {
        const damaged = Buffer.from(packed);
        damaged.fill(0xff, 20, 60);
        await assert.rejects(fetched(way, damaged, { digestOf: packed }), { code: 'layer-refused' });
      });
    });
  }
}
