/** An image in an archive as `docker save` writes it (Docker image specification v1.2: manifest.json). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerReference } from '../../model/manifest.ts';
import { DOCUMENT_LIMIT, digestIn, digestOf, type ImageConfig, parseConfig } from './documents.ts';
import { type Files, readWhole } from './files.ts';
import type { FoundImage } from './layer-history.ts';
import { fitness, parsePlatform, showPlatform } from './platform.ts';

const Images = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()).max(1000),
  }),
);
type DockerImage = z.infer<typeof Images>[number];

const COMPRESSED = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58],
].map((bytes) => Buffer.from(bytes));

/** The manifest of the image `tag` of the archive; its hash is the image's id, its layers are members. Throws `bad-target`. */
export async function readDockerArchive(
  files: Files,
  tag: string,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<FoundImage> {
  if ((await files.size('manifest.json')) === undefined) {
    throw new AppError('bad-target', `${files.name} is not a docker save archive: manifest.json not found`);
  }
  const image = chosen(await readImages(files), tag, files.name);
  const bytes = await readWhole(files, image.Config, DOCUMENT_LIMIT);
  const config = parseConfig(bytes, `${files.name}: ${image.Config}`);
  checkPlatform(config, platform, files.name);
  if (image.Layers.length === 0) throw new AppError('bad-target', `${files.name} is an image without layers`);

  const diffIds = config.rootfs?.diff_ids ?? [];
  const layers: LayerReference[] = [];
  for (const [index, path] of image.Layers.entries()) {
    if ((await files.size(path)) === undefined) {
      throw new AppError('bad-target', `${files.name}: the layer ${path} is missing`);
    }
    const uri = await files.uri(path);
    const head = await files.read(path, 4);
    const isPlain = COMPRESSED.every((magic) => !head.subarray(0, magic.length).equals(magic));
    const diffId = diffIds.length === image.Layers.length ? diffIds[index] : undefined;
    const hash = isPlain && diffId !== undefined ? digestIn(diffId, files.name) : await hashOf(uri, signal);
    layers.push({ hash, uri, headers: {} });
  }
  const names = image.RepoTags ?? [];
  return { manifest: { hash: digestOf(bytes), layers }, indexes: [], names, config: async () => bytes };
}

async function readImages(files: Files): Promise<DockerImage[]> {
  const bytes = await readWhole(files, 'manifest.json', DOCUMENT_LIMIT);
  try {
    return Images.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new AppError('bad-target', `${files.name}: manifest.json is not in the format of docker save`, {
      cause: error,
    });
  }
}

function chosen(images: readonly DockerImage[], tag: string, name: string): DockerImage {
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  const wanted =
    tag === ''
      ? images
      : images.filter(({ RepoTags }) => RepoTags?.some((each) => each === tag || each.endsWith(`:${tag}`)));
  const [first, second] = wanted;
  if (first && second === undefined) return first;
  if (images.length === 0) throw new AppError('bad-target', `${name} is empty: manifest.json lists no image`);
  const have = tags.length > 0 ? tags.join(', ') : 'images without tags';
  throw new AppError(
    'bad-target',
    first
      ? `${name} has several images. Select one with docker-archive:${name}:TAG of ${have}`
      : `${name} has no image ${JSON.stringify(tag)}: it has ${have}`,
  );
}

function checkPlatform(
  { os, architecture, variant }: ImageConfig,
  platform: string | undefined,
  name: string,
) {
  if (platform === undefined || !os || !architecture) return;
  const wanted = parsePlatform(platform);
  const have = { os, architecture, variant };
  if (fitness(wanted, have) === 0) {
    throw new AppError(
      'bad-target',
      `${name} has no image for ${showPlatform(wanted)}. Available: ${showPlatform(have)}`,
    );
  }
}

/** The digest of the bytes behind a member's URL: a compressed layer is named by its content only. */
async function hashOf(uri: string, signal: AbortSignal): Promise<Digest> {
  const url = new URL(uri);
  const start = Number(url.searchParams.get('offset') ?? 0);
  const length = url.searchParams.get('length');
  const hash = createHash('sha256');
  if (length !== '0') {
    const end = length === null ? Number.POSITIVE_INFINITY : start + Number(length) - 1;
    for await (const chunk of createReadStream(fileURLToPath(url), { start, end, signal }))
      hash.update(chunk);
  }
  return `sha256:${hash.digest('hex')}` as Digest;
}
