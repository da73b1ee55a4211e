/** The image in an archive, of whichever kind its members show. */
import { AppError } from '../../errors.ts';
import type { ImageArchive } from './archive.ts';
import { readDockerArchive } from './docker.ts';
import type { FoundImage } from './layer-history.ts';
import { readLayout } from './oci.ts';

export type ArchiveKind = 'oci-archive' | 'docker-archive';

export interface ArchivedOptions {
  /** '': the only one. */
  readonly tag: string;
  readonly platform?: string | undefined;
  readonly signal: AbortSignal;
  /** What the archive is said to be. */
  readonly said?: ArchiveKind | undefined;
}

/** Throws `bad-target`. */
export async function readArchivedImage(
  archive: ImageArchive,
  { tag, platform, signal, said }: ArchivedOptions,
): Promise<{ kind: ArchiveKind; found: FoundImage }> {
  const kind = said ?? (await kindOf(archive));
  const found =
    kind === 'oci-archive'
      ? await readLayout(archive, tag, platform)
      : await readDockerArchive(archive, tag, platform, signal);
  return { kind, found };
}

async function kindOf(archive: ImageArchive): Promise<ArchiveKind> {
  if ((await archive.size('oci-layout')) !== undefined) return 'oci-archive';
  if ((await archive.size('manifest.json')) !== undefined) return 'docker-archive';
  throw new AppError(
    'bad-target',
    `${archive.name} is not an image: it contains neither oci-layout (OCI layout) nor manifest.json (docker save). Unpack a root file system, and scan it: dir:PATH`,
  );
}
