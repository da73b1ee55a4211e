// A folder as one buffer that scripts/release/standalone.cjs can unpack: the same folder gives the same bytes.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';

/** `{hash, bytes}` of the files in `folder`, without those that `leaveOut(path)` names. */
export function pack(folder, leaveOut = () => false) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !leaveOut(path))
    .sort();
  const contents = [];
  const index = paths.map((path) => {
    const found = lstatSync(join(folder, path));
    if (found.isSymbolicLink()) return { path, length: 0, link: readlinkSync(join(folder, path)) };
    const bytes = readFileSync(join(folder, path));
    contents.push(bytes);
    return { path, length: bytes.length, mode: found.mode & 0o111 ? 0o755 : 0o644 };
  });
  const header = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(header.length);
  const archive = Buffer.concat([size, header, ...contents]);
  return {
    hash: createHash('sha256').update(archive).digest('hex').slice(0, 16),
    bytes: zstdCompressSync(archive, { params: { [constants.ZSTD_c_compressionLevel]: 15 } }),
  };
}
