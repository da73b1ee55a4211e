/** The JSON documents of images: OCI index and manifest, Docker's manifest list and manifest, the image config. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { algorithmOf, type Digest, parseDigest } from '../../model/digest.ts';

/** The limit that registries have for manifests. */
export const DOCUMENT_LIMIT = 4 * 1024 * 1024;

const Platform = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

const Descriptor = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  digest: z.string(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: Platform.nullish().catch(undefined),
});

const Index = z.object({ manifests: z.array(Descriptor).max(10_000) });
const Image = z.object({ config: Descriptor, layers: z.array(Descriptor).max(1000) });
const Config = z.object({
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
  rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }).nullish(),
});

export type Descriptor = z.infer<typeof Descriptor>;
export type ImageDocument = z.infer<typeof Image>;
export type ImageConfig = z.infer<typeof Config>;
export type TopDocument =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'image'; readonly image: ImageDocument };

const CONFIG_TYPES = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** Reads an index or an image manifest; `where` is for messages. Throws `bad-target`. */
export function parseDocument(bytes: Buffer, where: string): TopDocument {
  const json = parseJson(bytes, where);
  // Whoever reads it otherwise than we do would run another image than we look at (OCI image-spec, manifest.md).
  if (
    typeof json === 'object' &&
    json !== null &&
    'manifests' in json &&
    ('layers' in json || 'config' in json)
  )
    throw new AppError('bad-target', `${where} is an image manifest and an image index`);
  const index = Index.safeParse(json);
  if (index.success) return { kind: 'index', manifests: index.data.manifests };
  const image = Image.safeParse(json);
  if (image.success) return { kind: 'image', image: checkImage(image.data, where) };
  const { schemaVersion } = z.object({ schemaVersion: z.number().optional() }).catch({}).parse(json);
  throw new AppError(
    'bad-target',
    schemaVersion === 1
      ? `${where} is an image of Docker's old schema 1, which is not supported: push it again with a current tool`
      : `${where} is neither an image manifest nor an image index`,
  );
}

/** The media type that tells an attestation from an image: its layers are statements (in-toto). */
const IN_TOTO = 'application/vnd.in-toto+json';

/** Returns the media type by which `bytes` are an artifact and no image: a chart, a signature, an attestation; undefined: none. */
export function artifactType(bytes: Buffer): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const { data } = Image.safeParse(json);
  if (data === undefined) return undefined;
  const type = data.config.mediaType;
  if (type !== undefined && !CONFIG_TYPES.has(type)) return type;
  return data.layers.length > 0 && data.layers.every(({ mediaType }) => mediaType === IN_TOTO)
    ? IN_TOTO
    : undefined;
}

/** Reads an image's config. Throws `bad-target`. */
export function parseConfig(bytes: Buffer, where: string): ImageConfig {
  const config = Config.safeParse(parseJson(bytes, where));
  if (!config.success) throw new AppError('bad-target', `${where} is not an image config`);
  return config.data;
}

/** A digest in a document. Throws `bad-target`. */
export function digestIn(text: string, where: string): Digest {
  try {
    return parseDigest(text);
  } catch (error) {
    throw new AppError(
      'bad-target',
      `${where} has a malformed digest ${JSON.stringify(text.slice(0, 200))}`,
      { cause: error },
    );
  }
}

/** The digest of `bytes` by the algorithm of `like`. */
export function digestOf(bytes: Buffer, like = 'sha256:' as Digest): Digest {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** Throws `bad-target` if `bytes` do not have the digest that they were asked for by. */
export function verify(bytes: Buffer, digest: Digest, where: string): Buffer {
  const actual = digestOf(bytes, digest);
  if (actual !== digest)
    throw new AppError('bad-target', `${where} is damaged: ${digest} has the digest ${actual}`);
  return bytes;
}

function checkImage(image: ImageDocument, where: string): ImageDocument {
  const type = image.config.mediaType;
  if (type !== undefined && !CONFIG_TYPES.has(type)) {
    throw new AppError('bad-target', `${where} is an artifact, not a container image (${type})`);
  }
  if (image.layers.length === 0) throw new AppError('bad-target', `${where} is an image without layers`);
  return image;
}

function parseJson(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new AppError('bad-target', `${where} is not JSON`, { cause: error });
  }
}
