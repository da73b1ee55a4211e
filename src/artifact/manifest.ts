/** The manifest of an artifact (OCI image-spec, manifest.md), as far as we read and write it. */
import { z } from 'zod';
import { AppError } from '../errors.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Bytes of a manifest: what registries take. */
export const MANIFEST_LIMIT = 4 * 1024 ** 2;

const BlobDescriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

const Manifest = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: BlobDescriptor,
  layers: z.array(BlobDescriptor).max(2000),
  subject: BlobDescriptor.optional(),
});

const Index = z.object({ manifests: z.array(BlobDescriptor).max(10_000) });

export type BlobDescriptor = z.infer<typeof BlobDescriptor>;
export type ArtifactManifest = z.infer<typeof Manifest>;

/** `where` is for messages. Throws `bad-target`. */
export function readManifest(bytes: Buffer, where: string): ArtifactManifest {
  return read(Manifest, bytes, where);
}

/** The manifests that an index lists. Throws `bad-target`. */
export function readIndex(bytes: Buffer, where: string): readonly BlobDescriptor[] {
  return read(Index, bytes, where).manifests;
}

function read<T extends z.ZodType>(schema: T, bytes: Buffer, where: string): z.infer<T> {
  try {
    return schema.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new AppError(
      'bad-target',
      `${where} is no manifest that can be read: is it a published database?`,
      {
        cause,
      },
    );
  }
}
