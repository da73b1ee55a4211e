/**
 * Reads the layers of a recorded image once more, apart from the code under test: a rule that excuses a difference looks
 * here whether its reason is really in the image. Whole layers in memory: these images are small.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CorpusImage, RawManifest } from './corpus.ts';

/** One layer. */
export interface Layer {
  readonly digest: string;
  /** Regular files by clean path; the last entry of a path counts. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Links by clean path: the cleaned target. */
  readonly links: ReadonlyMap<string, string>;
  /** Files right behind a sparse one of old GNU tar. */
  readonly behindSparse: ReadonlySet<string>;
  /** Paths that this layer takes away; `dir/` for all that is in a folder. */
  readonly whiteouts: readonly string[];
  readonly bytes: Buffer;
}

/** The layers of `image` from the base upwards; a layer that cannot be read has no files. */
export function readLayers(image: CorpusImage): Layer[] {
  const manifest = JSON.parse(readFileSync(join(image.folder, 'manifest.json'), 'utf8')) as RawManifest;
  return manifest.layers.map(({ hash, uri }) => {
    const file = join(image.folder, 'layers', basename(uri));
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    return { digest: hash, bytes, ...readTar(decompress(bytes)) };
  });
}

function decompress(bytes: Buffer): Buffer {
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
    if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
  return bytes;
}

/** ustar, with GNU and PAX long names: enough for the images that are compared. */
function readTar(tar: Buffer): Omit<Layer, 'digest' | 'bytes'> {
  const files = new Map<string, Buffer>();
  const links = new Map<string, string>();
  const whiteouts: string[] = [];
  const behindSparse = new Set<string>();
  let isBehindSparse = false;
  let longName: string | undefined;
  for (let offset = 0; offset + 512 <= tar.length; ) {
    const header = tar.subarray(offset, offset + 512);
    const size = Number.parseInt(field(header, 124, 12), 8) || 0;
    const body = tar.subarray(offset + 512, offset + 512 + size);
    const type = String.fromCharCode(header[156] ?? 0);
    offset += 512 + Math.ceil(size / 512) * 512;
    if (type === 'L') longName = body.toString('utf8').replace(/\0.*$/s, '');
    else if (type === 'x') longName = /^\d+ path=(.*)$/m.exec(body.toString('utf8'))?.[1] ?? longName;
    else {
      const prefix = field(header, 257, 6) === 'ustar' ? field(header, 345, 155) : '';
      const path = clean(longName ?? (prefix === '' ? '' : `${prefix}/`) + field(header, 0, 100));
      longName = undefined;
      if (path === '') continue; // the root, or the blocks of zeros at the end
      if (isBehindSparse) behindSparse.add(path);
      isBehindSparse = type === 'S';
      const name = basename(path);
      if (name === '.wh..wh..opq') whiteouts.push(path.slice(0, -name.length));
      else if (name.startsWith('.wh.') && name !== '.wh.')
        whiteouts.push(path.slice(0, -name.length) + name.slice(4));
      else if (/[0346\0]/.test(type))
        files.set(path, body); // a device has no content
      else if (type === '1') links.set(path, clean(field(header, 157, 100)));
      else if (type === '2')
        links.set(path, clean(posix.resolve('/', posix.dirname(path), field(header, 157, 100))));
    }
  }
  return { files, links, behindSparse, whiteouts };
}

function field(header: Buffer, offset: number, length: number): string {
  return header
    .subarray(offset, offset + length)
    .toString('utf8')
    .replace(/\0.*$/s, '')
    .trim();
}

function clean(path: string): string {
  return posix.resolve('/', path).slice(1);
}

/** The file at `path` in this layer, through links of it or of its folders. */
export function fileAt(layer: Layer, path: string, depth = 0): Buffer | undefined {
  const file = layer.files.get(path);
  if (file !== undefined || depth > 8) return file;
  const parts = path.split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const target = layer.links.get(parts.slice(0, length).join('/'));
    if (target !== undefined) return fileAt(layer, [target, ...parts.slice(length)].join('/'), depth + 1);
  }
  return undefined;
}

/** Whether `layer` takes away what lower layers have at `path`, also by a file or link in place of a folder of it. */
export function removes(layer: Layer, path: string): boolean {
  const folders = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  folders.pop();
  return (
    layer.whiteouts.some((gone) =>
      gone.endsWith('/') || gone === ''
        ? path.startsWith(gone)
        : path === gone || path.startsWith(`${gone}/`),
    ) || folders.some((folder) => layer.files.has(folder) || layer.links.has(folder))
  );
}

/** A record of a dpkg status file. */
export interface DpkgRecord {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** `name version` of the source: from the Source field, else its own. */
  readonly source: string;
  readonly status: string;
  /** No blank line after it: it ends with the file. */
  readonly unterminated: boolean;
  /** Has a line that is no field and no continuation. */
  readonly odd: boolean;
}

/** The records of a dpkg status file, read by the letter of deb-control(5): this is not the reader under test. */
export function readDpkgRecords(text: string): DpkgRecord[] {
  const blocks = text.split(/\n[ \t]*\n+/);
  return blocks.flatMap((block, index) => {
    if (block.trim() === '') return [];
    const value = (key: string) => new RegExp(`^${key}:[ \t]*(.*)$`, 'mi').exec(block)?.[1]?.trim() ?? '';
    const name = value('Package');
    const version = value('Version');
    const source = /^(\S+)(?:\s+\((.*)\))?$/.exec(value('Source'));
    return [
      {
        name,
        version,
        arch: value('Architecture'),
        source: `${source?.[1] ?? name} ${source?.[2] ?? version}`,
        status: value('Status'),
        unterminated: index === blocks.length - 1,
        odd: block.split('\n').some((line) => !/^(\s|[^\s:]+:|$)/.test(line)),
      },
    ];
  });
}
