/** Composes images for tests: blobs, OCI layouts, archives of docker save, and the tar files that they come in. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type Contents = ReadonlyMap<string, Buffer>;

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export interface BuiltMember {
  readonly path: string;
  readonly content?: Buffer;
  readonly type?: string;
  readonly link?: string;
}

/** A tar archive; paths over 100 bytes get a GNU long name, or pax records if `pax`. */
export function tar(members: readonly BuiltMember[], pax = false): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = Buffer.alloc(0), type = '0', link = '' } of members) {
    if (pax) blocks.push(...entry('pax', 'x', paxRecord('path', path)));
    else if (path.length > 100) blocks.push(...entry('long', 'L', Buffer.from(`${path}\0`)));
    if (link.length > 100) blocks.push(...entry('long', 'K', Buffer.from(`${link}\0`)));
    blocks.push(...entry(pax ? 'short' : path.slice(0, 100), type, content, link.slice(0, 100)));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function paxRecord(key: string, value: string): Buffer {
  const body = ` ${key}=${value}\n`;
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.from(`${length}${body}`);
}

function entry(path: string, type: string, content: Buffer, link = ''): Buffer[] {
  const head = Buffer.alloc(512);
  head.write(path, 0);
  head.write('0000644\0', 100);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('        ', 148);
  head.write(type, 156);
  head.write(link, 157);
  head.write('ustar\u000000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

export interface BuiltImage {
  readonly digest: string;
  readonly layers: readonly string[];
  readonly descriptor: Record<string, unknown>;
  /** By digest. */
  readonly blobs: Contents;
}

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

/** An image of layers that each hold one file with one of `texts`. */
export function image(
  texts: readonly string[],
  platform = 'linux/amd64',
  configType = CONFIG,
  history?: readonly object[],
): BuiltImage {
  const [os, architecture, variant] = platform.split('/');
  const plain = texts.map((text) => tar([{ path: 'file', content: Buffer.from(text) }]));
  const layers = plain.map((bytes) => gzipSync(bytes));
  const rootfs = { type: 'layers', diff_ids: plain.map(sha256) };
  const config = json({ os, architecture, variant, rootfs, history });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: configType, digest: sha256(config), size: config.length },
    layers: layers.map((bytes) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: sha256(bytes),
      size: bytes.length,
    })),
  });
  const digest = sha256(manifest);
  return {
    digest,
    layers: layers.map(sha256),
    descriptor: {
      mediaType: MANIFEST,
      digest,
      size: manifest.length,
      platform: { os, architecture, variant },
    },
    blobs: new Map([manifest, config, ...layers].map((bytes) => [sha256(bytes), bytes])),
  };
}

/** An index, as a blob. */
export function index(manifests: readonly unknown[]): { bytes: Buffer; descriptor: Record<string, unknown> } {
  const bytes = json({ schemaVersion: 2, mediaType: INDEX, manifests });
  return { bytes, descriptor: { mediaType: INDEX, digest: sha256(bytes), size: bytes.length } };
}

/** The files of an OCI layout. */
export function layout(manifests: readonly unknown[], blobs: Iterable<readonly [string, Buffer]>): Contents {
  return new Map([
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', index(manifests).bytes],
    ...[...blobs].map(([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes] as const),
  ]);
}

export function archive(contents: Contents): Buffer {
  return tar([...contents].map(([path, content]) => ({ path, content })));
}

export function writeAll(directory: string, contents: Contents): void {
  for (const [path, bytes] of contents) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}
