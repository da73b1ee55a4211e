/** Undoes the compression of a whole document, which is told by its first bytes. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { bunzip2 } from '../../../lib/bunzip2.ts';
import { unzstdSync } from '../../../lib/unzstd.ts';

const gunzipped = promisify(gunzip);

/** The content of `bytes`, which may be compressed by gzip, zstd or bzip2. Throws if it is damaged, or over `limit` bytes. */
export async function unpack(bytes: Buffer, limit: number): Promise<Buffer> {
  const magic = bytes.toString('hex', 0, 4);
  if (magic.startsWith('1f8b')) return await gunzipped(bytes, { maxOutputLength: limit });
  if (magic === '28b52ffd') return unzstdSync(bytes, limit);
  if (!/^425a683[1-9]$/.test(magic)) return bytes;
  const pieces: Buffer[] = [];
  for await (const piece of bunzip2(one(bytes), limit)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
