/** What a registry of the tests has: repositories filled from OCI layouts, in memory or in a folder. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contents } from '../target/builder.fixture.ts';

export interface Stored {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Repositories by name; a manifest by its tags and its digest, a blob by its digest. */
export class RegistryContent {
  readonly #manifests = new Map<string, Stored>();
  readonly #blobs = new Map<string, Buffer>();

  /** Stores a manifest or an index under `tag`; gives its digest. */
  push(repository: string, tag: string, bytes: Buffer): string {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const stored = { bytes, mediaType: mediaTypeOf(bytes) };
    for (const name of [tag, digest]) this.#manifests.set(`${repository}@${name}`, stored);
    return digest;
  }

  /** Stores all of an OCI layout (a folder, or its files); what has no tag of its own gets `tag`. */
  pushLayout(repository: string, layout: string | Contents, tag = 'latest'): void {
    const files = typeof layout === 'string' ? readFolder(layout) : layout;
    const index = files.get('index.json');
    if (index === undefined) throw new Error('no layout: index.json is missing');
    for (const [path, bytes] of files) {
      const [, algorithm, hex] = /^blobs\/(\w+)\/(\w+)$/.exec(path) ?? [];
      if (hex === undefined) continue;
      this.#blobs.set(`${repository}@${algorithm}:${hex}`, bytes);
      // Which blobs are manifests only the documents above them know; whoever asks for one by digest knows too.
      if (bytes[0] === 0x7b) this.push(repository, `${algorithm}:${hex}`, bytes);
    }
    const { manifests } = JSON.parse(index.toString('utf8')) as {
      manifests: { digest: string; annotations?: Record<string, string> }[];
    };
    const [only] = manifests;
    const top = manifests.length === 1 && only ? this.blob(repository, only.digest) : index;
    if (top) this.push(repository, tag, top);
    for (const { digest, annotations } of manifests) {
      const name = annotations?.['org.opencontainers.image.ref.name'];
      const bytes = this.blob(repository, digest);
      if (name && bytes) this.push(repository, name, bytes);
    }
  }

  /** Stores a blob; gives its digest. */
  pushBlob(repository: string, bytes: Buffer): string {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.#blobs.set(`${repository}@${digest}`, bytes);
    return digest;
  }

  /** Gives other bytes for a blob. */
  damage(repository: string, digest: string): void {
    this.#blobs.set(`${repository}@${digest}`, Buffer.from('damaged'));
  }

  /** The manifests of `repository`, each once. */
  manifestsOf(repository: string): Stored[] {
    const prefix = `${repository}@sha256:`;
    return [...this.#manifests].flatMap(([key, stored]) => (key.startsWith(prefix) ? stored : []));
  }

  /** In order. */
  repositories(): string[] {
    return [...new Set([...this.#manifests.keys()].map((key) => key.slice(0, key.indexOf('@'))))].sort();
  }

  /** In order. */
  tagsOf(repository: string): string[] {
    return [...this.#manifests.keys()]
      .filter((key) => key.startsWith(`${repository}@`) && !key.includes(':'))
      .map((key) => key.slice(repository.length + 1))
      .sort();
  }

  /** Removes a manifest by one of its names. */
  remove(repository: string, name: string): void {
    this.#manifests.delete(`${repository}@${name}`);
  }

  manifest(repository: string, name: string): Stored | undefined {
    return this.#manifests.get(`${repository}@${name}`);
  }

  blob(repository: string, digest: string): Buffer | undefined {
    return this.#blobs.get(`${repository}@${digest}`);
  }
}

function mediaTypeOf(bytes: Buffer): string {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: string };
    return mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
  } catch {
    return 'application/octet-stream';
  }
}

function readFolder(folder: string): Contents {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length).replace(/^\/+/, ''), readFileSync(path)] as const;
      }),
  );
}
