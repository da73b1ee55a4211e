/** Makes small images for tests: layers from texts, and an OCI layout of them. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Path in the layer -> content. */
export type Files = Readonly<Record<string, string>>;

/** An uncompressed layer with these regular files. */
export function makeTar(files: Files): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\x000000000\0', 108);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** `sha256:<hex>` of bytes. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Writes an OCI layout with one image of gzipped layers to `folder`; `spoil` may change the bytes of a layer's blob. */
export function writeOciLayout(
  folder: string,
  layers: readonly Files[],
  spoil: (blob: Buffer) => Buffer = (blob) => blob,
): void {
  writeOciLayoutOf(
    folder,
    layers.map((files) => gzipSync(makeTar(files))),
    spoil,
  );
}

/** The same of layers as they are stored; gives the digest of the image. */
export function writeOciLayoutOf(
  folder: string,
  blobs: readonly Buffer[],
  spoil: (blob: Buffer) => Buffer = (blob) => blob,
): string {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const put = (bytes: Buffer, stored = bytes) => {
    const digest = digestOf(bytes);
    writeFileSync(join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length)), stored);
    return { digest, size: bytes.length };
  };
  const config = put(
    Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: blobs.map(digestOf) }, // nobody unpacks it
      }),
    ),
  );
  const manifest = put(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
        layers: blobs.map((blob) => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          ...put(blob, spoil(blob)),
        })),
      }),
    ),
  );
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest }],
  };
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  return manifest.digest;
}
