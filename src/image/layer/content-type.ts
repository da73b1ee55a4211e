/** What the Content-Type of a layer's response says of its compression. */
import { AppError } from '../../errors.ts';
import type { Compression } from './decompress.ts';

const INFER = new Set(['', 'text/plain', 'binary/octet-stream', 'application/octet-stream']);
const GZIP = new Set([
  'application/gzip',
  'application/x-gzip',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

const GO_KINDS: Readonly<Record<string, string>> = {
  gzip: 'KindGzip',
  zstd: 'KindZstd',
  bzip2: 'KindBzip2',
  none: 'KindNone',
  xz: 'KindNone', // Clair does not know xz: it is "none" until the tar reader sees it
};

/**
 * The compression to undo, from what the server declares and what the bytes are. Throws `layer-unavailable` where Clair
 * refuses: an unknown type, a declared compression that is not there, bzip2; and `bad-layer` for xz.
 * differs: parameters and case of the type are ignored, Docker's foreign layers are accepted (clair-indexing.md#content-types-of-layers)
 */
export function chooseCompression(contentType: string, detected: Compression | 'bzip2' | 'xz'): Compression {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  const declared = declaredBy(type);
  if (declared === undefined) {
    throw new AppError('layer-unavailable', `fetcher: unknown content-type ${JSON.stringify(contentType)}`);
  }
  const found = detected === 'xz' ? 'none' : detected;
  if (declared !== 'any' && declared !== found) {
    throw new AppError(
      'layer-unavailable',
      `fetcher: mismatched compression ("${GO_KINDS[detected]}") and content-type (${JSON.stringify(contentType)})`,
    );
  }
  if (detected === 'bzip2') {
    throw new AppError('layer-unavailable', 'fetcher: disallowed compression kind: "KindBzip2"');
  }
  if (detected === 'xz') {
    throw new AppError(
      'bad-layer',
      'not a tar archive: xz compression is not supported; push the layer as gzip or zstd',
    );
  }
  return detected;
}

function declaredBy(type: string): Compression | 'any' | undefined {
  if (INFER.has(type)) return 'any';
  if (GZIP.has(type) || type.endsWith('.tar+gzip')) return 'gzip';
  if (type === 'application/zstd' || type.endsWith('.tar+zstd')) return 'zstd';
  if (type === 'application/x-tar' || type.endsWith('.tar')) return 'none';
  return undefined;
}
