/** An artifact in a folder on this machine: an OCI layout. */
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError, messageOf } from '../errors.ts';
import { blobPath, readLayoutIndex, taggedIn } from './layout.ts';
import { MANIFEST_LIMIT } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';
import { referrersIn } from './referrers.ts';

/** `reference`: a tag in the layout. */
export function folderPlace(path: string, reference: string): ArtifactPlace {
  const folder = resolve(path);
  const tell = (cause: unknown): AppError =>
    cause instanceof AppError
      ? cause
      : new AppError('bad-target', `cannot read the published database in ${folder}: ${messageOf(cause)}`, {
          cause,
        });
  const read: ArtifactPlace['read'] = async (digest, from, to) => {
    try {
      await using file = await open(join(folder, blobPath(digest)));
      const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
      if (bytesRead < to - from) throw new AppError('bad-target', `${folder}: ${digest} is truncated`);
      return buffer;
    } catch (error) {
      throw tell(error);
    }
  };
  const manifest: ArtifactPlace['manifest'] = async (wanted) => {
    try {
      const digest = wanted.startsWith('sha256:') ? wanted : taggedIn(await readLayoutIndex(folder), wanted);
      if (digest === undefined) return undefined;
      const bytes = await readFile(join(folder, blobPath(digest)));
      if (bytes.length > MANIFEST_LIMIT)
        throw new AppError('bad-target', `${folder}: ${digest} is no manifest`);
      return verified(bytes, digest, folder);
    } catch (error) {
      throw tell(error);
    }
  };
  return {
    name: folder,
    reference,
    read,
    manifest,
    async referrers(digest) {
      const index = await readLayoutIndex(folder).catch((error: unknown) => {
        throw tell(error);
      });
      return await referrersIn(index, digest, manifest);
    },
    async [Symbol.asyncDispose]() {},
  };
}
