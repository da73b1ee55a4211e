/** Copies an artifact of a folder into a repository of a registry, with the signatures that lie beside it. */
import { AppError } from '../errors.ts';
import { pushBlob } from '../image/registry/push-blob.ts';
import { pushManifest } from '../image/registry/push-manifest.ts';
import { showReference } from '../image/registry/reference.ts';
import { openRegistrySession, type RegistrySessionOptions } from '../image/registry/session.ts';
import { type Digest, tagOf } from '../model/digest.ts';
import { folderPlace } from './folder-place.ts';
import { openBlob, readLayoutIndex, taggedIn, tagsIn } from './layout.ts';
import { MANIFEST_TYPE, readManifest } from './manifest.ts';
import { referenceOf } from './registry-place.ts';

export interface PushLayoutProgress {
  readonly bytes: number;
  readonly of: number;
}

export interface PushLayoutOptions {
  readonly registry: RegistrySessionOptions;
  /** Of the artifact in the folder; and of the repository, where its name has none. */
  readonly tag: string;
  readonly onProgress?: (progress: PushLayoutProgress) => void;
}

const PARALLEL = 3;

/** Gives the digest of the artifact. What the repository has is not sent again. Throws `bad-target`. */
export async function pushLayout(folder: string, text: string, options: PushLayoutOptions): Promise<string> {
  const { registry, tag, onProgress } = options;
  const index = await readLayoutIndex(folder).catch((cause: unknown) => {
    throw new AppError('bad-target', `${folder} is not a directory of "clairctl db build"`, { cause });
  });
  const digest = taggedIn(index, tag);
  if (digest === undefined) throw new AppError('bad-target', `${folder} has no database with the tag ${tag}`);
  const reference = referenceOf(text, tag);
  await using place = folderPlace(folder, tag);
  await using session = await openRegistrySession(reference, { ...registry, access: 'push' });
  const name = showReference(reference);
  // Signatures first: nobody may find a database that is not signed yet.
  const signatures = tagsIn(index).filter((each) => each.tag === `${tagOf(digest)}.sig`);
  const wanted = [...signatures, { digest, tag: reference.tag }];
  const manifests = await Promise.all(
    wanted.map(async (each) => {
      const bytes = (await place.manifest(each.digest))!;
      return { ...each, bytes, document: readManifest(bytes, folder) };
    }),
  );
  const blobs = new Map(
    manifests.flatMap(({ document }) =>
      [document.config, ...document.layers].map((each) => [each.digest, each.size] as const),
    ),
  );
  const of = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  let bytes = 0;
  const waiting = blobs.entries();
  const worker = async (): Promise<void> => {
    for (const [blob, size] of waiting) {
      const open = (from: number, to: number) => openBlob(folder, blob, from, to);
      await pushBlob(session, { digest: blob as Digest, size, open }, { name });
      bytes += size;
      onProgress?.({ bytes, of });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  for (const { tag: own, bytes: manifest } of manifests)
    await pushManifest(
      session,
      { bytes: manifest, mediaType: MANIFEST_TYPE, ...(own !== undefined && { tag: own }) },
      name,
    );
  return digest;
}
