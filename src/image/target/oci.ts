/** An image in an OCI image layout (OCI image-spec, image-layout.md), in a directory or an archive. */
import { AppError } from '../../errors.ts';
import { algorithmOf, type Digest } from '../../model/digest.ts';
import type { LayerReference } from '../../model/manifest.ts';
import { chooseImage } from './choice.ts';
import { type Descriptor, DOCUMENT_LIMIT, digestIn, parseDocument, verify } from './documents.ts';
import { type Files, readWhole } from './files.ts';
import type { FoundImage } from './layer-history.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';
/** containerd and Docker keep the whole name here. */
const FULL_NAME = 'io.containerd.image.name';

/** The manifest of the image `tag` (or digest) of the layout; its layers are files. Throws `bad-target`. */
export async function readLayout(
  files: Files,
  tag: string,
  platform: string | undefined,
): Promise<FoundImage> {
  if ((await files.size('index.json')) === undefined) {
    throw new AppError(
      'bad-target',
      `${files.name} is not an OCI image layout: index.json not found. For a root file system, use dir:PATH`,
    );
  }
  const where = `${files.name}: index.json`;
  const index = parseDocument(await readWhole(files, 'index.json', DOCUMENT_LIMIT), where);
  if (index.kind !== 'index') throw new AppError('bad-target', `${where} is not an image index`);
  if (index.manifests.length === 0) throw new AppError('bad-target', `${where} is empty: it lists no image`);

  return await readStored(files, tagged(index.manifests, tag, files.name), platform);
}

/** The image of `top` whose blobs are `files`, as in a layout: `blobs/sha256/…`. Throws `bad-target`. */
export async function readStored(
  files: Files,
  top: readonly Descriptor[],
  platform: string | undefined,
): Promise<FoundImage> {
  const documents = {
    name: files.name,
    async load(digest: Digest) {
      const path = blobPath(digest);
      if ((await files.size(path)) === undefined) return undefined;
      return verify(await readWhole(files, path, DOCUMENT_LIMIT), digest, files.name);
    },
  };
  const { digest, image, indexes } = await chooseImage(documents, top, platform);
  const layers: LayerReference[] = [];
  for (const descriptor of image.layers) {
    const hash = digestIn(descriptor.digest, files.name);
    if ((await files.size(blobPath(hash))) === undefined) {
      throw new AppError('bad-target', `${files.name}: the layer ${hash} is missing (${blobPath(hash)})`);
    }
    layers.push({ hash, uri: await files.uri(blobPath(hash)), headers: {} });
  }
  return {
    manifest: { hash: digest, layers },
    indexes,
    names: [...new Set(top.flatMap(fullNames))],
    config: () => documents.load(digestIn(image.config.digest, files.name)),
  };
}

function blobPath(digest: Digest): string {
  const algorithm = algorithmOf(digest);
  return `blobs/${algorithm}/${digest.slice(algorithm.length + 1)}`;
}

/** The manifests of `tag`; without one, all, unless they are of several tags. */
function tagged(manifests: readonly Descriptor[], tag: string, name: string): readonly Descriptor[] {
  const names = [...new Set(manifests.map(nameOf).filter((each) => each !== ''))];
  if (tag === '') {
    if (names.length <= 1) return manifests;
    throw new AppError(
      'bad-target',
      `${name} has several images. Select one with ${name}:TAG of ${names.join(', ')}`,
    );
  }
  const wanted = manifests.filter(
    (descriptor) =>
      descriptor.digest === tag ||
      [descriptor.annotations?.[REF_NAME], descriptor.annotations?.[FULL_NAME]].some(
        (each) => each === tag || each?.endsWith(`:${tag}`),
      ),
  );
  if (wanted.length > 0) return wanted;
  const have = names.length > 0 ? `it has ${names.join(', ')}` : 'its images have no tags';
  throw new AppError('bad-target', `${name} has no image ${JSON.stringify(tag)}: ${have}`);
}

/** Without those that are a tag alone, as the image-spec has it. */
function fullNames({ annotations }: Descriptor): string[] {
  return [annotations?.[FULL_NAME], annotations?.[REF_NAME]].flatMap((name) =>
    name !== undefined && /[/:@]/.test(name) ? name : [],
  );
}

function nameOf({ annotations }: Descriptor): string {
  return annotations?.[REF_NAME] ?? annotations?.[FULL_NAME] ?? '';
}
