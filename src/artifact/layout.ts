/** An OCI image layout in a folder, as artifacts are built into and published from (OCI image-spec, image-layout.md). */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { type BlobDescriptor, MANIFEST_TYPE } from './manifest.ts';

const TAG = 'org.opencontainers.image.ref.name';

const Index = z.object({
  manifests: z
    .array(
      z.object({
        mediaType: z.string(),
        digest: z.string(),
        size: z.int(),
        annotations: z.record(z.string(), z.string()).optional(),
      }),
    )
    .max(10_000),
});

export type LayoutIndex = z.infer<typeof Index>;

/** A folder that is filled. */
export interface Layout {
  readonly folder: string;
  /** Stores a blob; nothing of it is there before it is whole. */
  addBlob(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Pick<BlobDescriptor, 'digest' | 'size'>>;
  /** Stores a manifest and says what it is called; one that was called so before has no name any more. Gives its digest. */
  addManifest(manifest: object, tag?: string): Promise<string>;
  /** By digest, or tag. */
  readonly index: LayoutIndex;
}

/** Opens a folder, or makes it. Throws `bad-target`. */
export async function openLayout(folder: string): Promise<Layout> {
  const blobs = join(folder, 'blobs', 'sha256');
  let index: LayoutIndex;
  try {
    await mkdir(blobs, { recursive: true });
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    index = await readLayoutIndex(folder).catch((error: unknown) => {
      if (isMissing(error)) return { manifests: [] };
      throw error;
    });
  } catch (cause) {
    throw new AppError('bad-target', `cannot write directory ${folder}: ${messageOf(cause)}`, { cause });
  }
  const addBlob: Layout['addBlob'] = async (chunks) => {
    const path = join(blobs, `.${randomUUID()}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      const file = await open(path, 'wx');
      try {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const hex = hash.digest('hex');
      await rename(path, join(blobs, hex));
      return { digest: `sha256:${hex}`, size };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  };
  return {
    folder,
    index,
    addBlob,
    async addManifest(manifest, tag) {
      const { digest, size } = await addBlob([Buffer.from(JSON.stringify(manifest))]);
      const others = index.manifests.filter(
        (each) => each.digest !== digest && (tag === undefined || each.annotations?.[TAG] !== tag),
      );
      index.manifests = [
        ...others,
        { mediaType: MANIFEST_TYPE, digest, size, ...(tag !== undefined && { annotations: { [TAG]: tag } }) },
      ];
      const path = join(folder, `.index-${randomUUID()}`);
      await writeFile(path, JSON.stringify({ schemaVersion: 2, ...index }));
      await rename(path, join(folder, 'index.json'));
      return digest;
    },
  };
}

/** Throws what reading throws, and `bad-target` if it is none. */
export async function readLayoutIndex(folder: string): Promise<LayoutIndex> {
  return parseLayoutIndex(await readFile(join(folder, 'index.json')), folder);
}

/** `where` is for messages. Throws `bad-target`. */
export function parseLayoutIndex(bytes: Buffer, where: string): LayoutIndex {
  try {
    return Index.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new AppError(
      'bad-target',
      `${where} is not a directory of a published database: cannot read index.json`,
      {
        cause,
      },
    );
  }
}

/** The digest of what is called `tag`; of the only one that has no signature's name, if none is. */
export function taggedIn({ manifests }: LayoutIndex, tag: string): string | undefined {
  return manifests.find(({ annotations }) => annotations?.[TAG] === tag)?.digest;
}

/** Tags with the manifests that they name. */
export function tagsIn({
  manifests,
}: LayoutIndex): readonly { readonly tag?: string; readonly digest: string }[] {
  return manifests.map(({ digest, annotations }) => {
    const tag = annotations?.[TAG];
    return { digest, ...(tag !== undefined && { tag }) };
  });
}

/** Where a blob of a layout is. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** Bytes `from` to `to` of a blob. */
export function openBlob(folder: string, digest: string, from: number, to: number) {
  return createReadStream(join(folder, blobPath(digest)), { start: from, end: Math.max(from, to - 1) });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
