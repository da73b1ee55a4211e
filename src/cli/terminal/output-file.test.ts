import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { openOutput, packingOf } from './output-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-output-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const flags = (gzip: boolean, zstd: boolean) => ({ gzip, zstd });

describe('a file that is written', () => {
  it('has its name when it is finished, and not before', async () => {
    const file = join(folder, 'a');
    writeFileSync(file, 'old');
    {
      await using output = await openOutput(file, undefined);
      await output.write([Buffer.from('new')]);
      assert.equal(readFileSync(file, 'utf8'), 'old');
      await output.finish();
    }
    assert.equal(readFileSync(file, 'utf8'), 'new');
    {
      await using output = await openOutput(file, undefined);
      await output.write([Buffer.from('half')]);
    }
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['a']);
  });

  it('is packed as wanted, whatever its size', async () => {
    const content = Buffer.alloc(5_000_000, 'clair ');
    for (const [packing, unpack] of [
      ['gzip', gunzipSync],
      ['zstd', zstdDecompressSync],
    ] as const) {
      const file = join(folder, packing);
      await using output = await openOutput(file, packing);
      for (let at = 0; at < content.length; at += 100_000)
        await output.write([content.subarray(at, at + 100_000)]);
      await output.finish();
      assert.ok(unpack(readFileSync(file)).equals(content));
    }
  });

  it('is what a link leads to', async () => {
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'a'), link);
    await using output = await openOutput(link, undefined);
    await output.write([Buffer.from('through')]);
    await output.finish();
    assert.equal(readlinkSync(link), join(folder, 'a'));
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'through');
  });

  it('may be a device, which is not replaced', async () => {
    await using output = await openOutput('/dev/null', undefined);
    await output.write([Buffer.from('gone')]);
    await output.finish();
  });

  it('is told at once if it cannot be', async () => {
    await assert.rejects(
      openOutput(join(folder, 'no', 'where'), undefined),
      /cannot write to .*where: file or directory not found/,
    );
    await assert.rejects(openOutput(folder, undefined), /it is a directory/);
  });

  it('says by its name how it is packed, unless a flag does', () => {
    assert.equal(packingOf('a.gz', flags(false, false)), 'gzip');
    assert.equal(packingOf('a.zst', flags(false, false)), 'zstd');
    assert.equal(packingOf('a.zst', flags(true, false)), 'gzip');
    assert.equal(packingOf(undefined, flags(false, false)), undefined);
    assert.throws(() => packingOf('a', flags(true, true)), /either --gzip or --zstd/);
  });
});
