/** SBOMs that are compressed, as `sbom.json.gz` is. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/** The content of `bytes`, which need not be compressed (gzip, zstd); undefined: it is over `limit`. Throws if it is damaged. */
export function uncompressed(bytes: Buffer, limit: number): Buffer | undefined {
  const magic = bytes.toString('latin1', 0, 4);
  try {
    if (magic.startsWith('\x1f\x8b')) return gunzipSync(bytes, { maxOutputLength: limit });
    if (magic === '\x28\xb5\x2f\xfd') return zstdDecompressSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof RangeError) return undefined; // Node's word for the limit
    throw error;
  }
  return bytes;
}
