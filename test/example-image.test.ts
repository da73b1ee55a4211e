/** The example image: the same bytes every time, a layout whose digests are right, and layers that tar can read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ROOT } from './imports.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-example-image-'));
after(() => rmSync(folder, { recursive: true }));

function build(name: string): string {
  const script = join(ROOT, 'scripts', 'build-example-image.mjs');
  const said = execFileSync(process.execPath, [script, join(folder, name)], { encoding: 'utf8' });
  return said.trim().split('\n').at(-1)!;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('the example image', () => {
  const image = build('first');
  const blobs = join(image, 'blobs', 'sha256');
  const read = (digest: string) => readFileSync(join(blobs, digest.replace('sha256:', '')));
  const index = JSON.parse(readFileSync(join(image, 'index.json'), 'utf8'));
  const manifest = JSON.parse(read(index.manifests[0].digest).toString());

  it('is the same every time, also over an older one', () => {
    const again = build('second');
    build('second');
    assert.deepEqual(readdirSync(join(again, 'blobs', 'sha256')), readdirSync(blobs));
    assert.deepEqual(readFileSync(join(again, 'index.json')), readFileSync(join(image, 'index.json')));
  });

  it('has blobs of the digests, sizes and diff ids that it says', () => {
    for (const name of readdirSync(blobs)) assert.equal(sha256(read(name)), name);
    for (const descriptor of [...index.manifests, manifest.config, ...manifest.layers]) {
      assert.equal(read(descriptor.digest).length, descriptor.size);
    }
    const config = JSON.parse(read(manifest.config.digest).toString());
    assert.deepEqual(
      config.rootfs.diff_ids,
      manifest.layers.map(({ digest }: { digest: string }) => `sha256:${sha256(gunzipSync(read(digest)))}`),
    );
  });

  it('has layers with what is to be found in them', () => {
    const entries = manifest.layers.map(({ digest }: { digest: string }) =>
      execFileSync('tar', ['-tz'], { input: read(digest), encoding: 'utf8' })
        .trim()
        .split('\n'),
    );
    assert.equal(entries.length, 3);
    assert.ok(entries[0].includes('var/lib/dpkg/status') && entries[0].includes('etc/os-release'));
    assert.ok(entries[1].some((path: string) => path.endsWith('/.wh.Flask-2.2.2.dist-info')));
    assert.ok(entries[2].includes('srv/app/node_modules/@babel/traverse/package.json'));
  });
});
