/** Java archives that are big or deep cost disk and time, not memory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { javaArchives } from '../src/ecosystems/java/detect-archives.ts';
import { makeZip, type ZipMember } from '../src/formats/archives/zip.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import { walkLayer } from '../src/image/layer/walk-layer.ts';
import { entryOf, tarOf } from '../src/image/tar/writer.fixture.ts';
import type { Digest } from '../src/model/digest.ts';

const MB = 1e6;
const directory = mkdtempSync(join(tmpdir(), 'clair-jars-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'layer.tar');
/** A budget for each file: what is seen of one is not that of another. */
const { perLayer: _, ...perFile } = javaArchives;

/** Names that are found in the layer at `path`, and by how many bytes the process grew at most. */
async function scan(): Promise<{ names: string[]; grown: number }> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  const spillDirectory = mkdtempSync(join(directory, 'spill-'));
  const before = process.memoryUsage.rss();
  let most = before;
  const { found } = await walkLayer(
    { hash: `sha256:${hash.digest('hex')}` as Digest, uri: `file://${path}`, headers: {} },
    [
      {
        ...perFile,
        *inspect(file, entry) {
          for (const item of perFile.inspect!(file, entry)) {
            most = Math.max(most, process.memoryUsage.rss());
            yield item;
          }
        },
      },
    ],
    {
      budget: createLayerBudget(DEFAULT_LIMITS, () => false),
      signal: AbortSignal.timeout(60_000),
      allowLocal: true,
      spillDirectory,
      airgap: false,
      onBytes: () => {
        most = Math.max(most, process.memoryUsage.rss());
      },
    },
  );
  assert.deepEqual(readdirSync(spillDirectory), []);
  const names = found.flatMap((item) => {
    if (item.found === 'problem') return [`! ${item.reason}`];
    return item.found === 'package' ? [item.package.name] : [];
  });
  return { names, grown: most - before };
}

const properties = (name: string): ZipMember => ({
  name: `META-INF/maven/g/${name}/pom.properties`,
  content: `groupId=g\nartifactId=${name}\nversion=1\n`,
});

describe('memory for Java archives', () => {
  it('does not grow with an archive of 500 MB', async () => {
    // Zips may begin with anything (here the script that runs them); holes cost no disk.
    const script = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
    const zip = makeZip({ members: [properties('big')] });
    const size = 500 * MB;
    const header = entryOf({ name: 'opt/big.jar', size });
    const fd = openSync(path, 'w');
    ftruncateSync(fd, header.length + Math.ceil(size / 512) * 512 + 1024);
    writeSync(fd, header, 0, header.length, 0);
    writeSync(fd, script, 0, script.length, header.length);
    writeSync(fd, zip, 0, zip.length, header.length + size - zip.length);
    closeSync(fd);
    const { names, grown } = await scan();
    assert.deepEqual(names, ['g:big']);
    assert.ok(grown < 64 * MB, `grew by ${grown / MB} MB`);
  });

  for (const [what, method, limit] of [
    ['stored', 0, 64],
    ['packed', 8, 96],
  ] as const) {
    it(`stays small with archives nested five deep, ${what}`, async () => {
      let jar = makeZip({ members: [properties('level5'), { name: 'a.bin', content: noise(4 * MB) }] });
      for (let level = 4; level >= 0; level--) {
        jar = makeZip({
          members: [
            properties(`level${level}`),
            { name: `lib/level${level + 1}.jar`, content: jar, method },
            { name: 'a.bin', content: noise(1 * MB) },
          ],
        });
      }
      writeFileSync(path, tarOf({ name: 'opt/app.jar', content: jar }));
      const { names, grown } = await scan();
      assert.deepEqual(names, ['g:level0', 'g:level1', 'g:level2', 'g:level3', 'g:level4', 'g:level5']);
      assert.ok(grown < limit * MB, `grew by ${grown / MB} MB`);
    });
  }
});

/** What does not get smaller by packing. */
function noise(bytes: number): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  let state = 1;
  for (let at = 0; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    content.writeInt32LE(state, at);
  }
  return content;
}
