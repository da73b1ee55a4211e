/** The recorded images in a registry of our own, under the names that they had when Clair was asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry } from '../../src/image/registry/server.fixture.ts';
import { json, layout, sha256 } from '../../src/image/target/builder.fixture.ts';
import type { CorpusImage, RawManifest } from './corpus.ts';

/** Where the recorded registry was. */
const RECORDED_REGISTRY = '127.0.0.1:15000';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const PACKINGS: Readonly<Record<string, string>> = { gz: '+gzip', zst: '+zstd' };

/** The registry, and the way from recorded names to ours and back. */
export interface RecordedRegistry extends AsyncDisposable {
  readonly toOurs: (text: string) => string;
  readonly toRecorded: (text: string) => string;
}

/** Serves `images` as `lab/NAME:latest`. */
export async function serveRecordedImages(images: readonly CorpusImage[]): Promise<RecordedRegistry> {
  const registry = await startRegistry();
  const pairs: (readonly [recorded: string, ours: string])[] = [[RECORDED_REGISTRY, registry.host]];
  for (const { name, folder } of images) {
    const repository = `lab/${name}`;
    if (existsSync(join(folder, 'oci'))) {
      registry.content.pushLayout(repository, join(folder, 'oci'));
    } else {
      const { hash } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as RawManifest;
      const made = imageOf(folder);
      registry.content.pushLayout(repository, layout([made.descriptor], made.blobs));
      pairs.push([hash, made.descriptor.digest]);
    }
  }
  const replacer = (from: 0 | 1) => (text: string) =>
    pairs.reduce((changed, pair) => changed.replaceAll(pair[from], pair[1 - from]!), text);
  return {
    toOurs: replacer(0),
    toRecorded: replacer(1),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** Only the layers of it were kept: with a manifest of ours it has another digest. */
function imageOf(folder: string) {
  const { layers } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as RawManifest;
  const files = readdirSync(join(folder, 'layers'));
  const config = json({ os: 'linux', architecture: 'amd64' });
  const blobs = new Map([[sha256(config), config]]);
  const descriptors = layers.map(({ hash }) => {
    const file = files.find((each) => each.startsWith(hash.replace(':', '-'))) ?? '';
    const bytes = readFileSync(join(folder, 'layers', file));
    blobs.set(hash, bytes);
    const packing = PACKINGS[file.slice(file.lastIndexOf('.') + 1)] ?? '';
    const mediaType = `application/vnd.oci.image.layer.v1.tar${packing}`;
    return { mediaType, digest: hash, size: bytes.length };
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha256(config),
      size: config.length,
    },
    layers: descriptors,
  });
  blobs.set(sha256(manifest), manifest);
  return { blobs, descriptor: { mediaType: MANIFEST, digest: sha256(manifest), size: manifest.length } };
}
