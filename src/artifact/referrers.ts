/** Manifests about another one where nobody lists them: in a layout, or by a tag (OCI distribution-spec 1.1, referrers). */
import type { LayoutIndex } from './layout.ts';
import { type BlobDescriptor, readManifest } from './manifest.ts';

/** So many manifests of a layout are looked into. */
const MOST = 100;

/** Those of `index` whose subject is `digest`. */
export async function referrersIn(
  index: LayoutIndex,
  digest: string,
  load: (digest: string) => Promise<Buffer | undefined>,
): Promise<BlobDescriptor[]> {
  const found: BlobDescriptor[] = [];
  for (const each of index.manifests.slice(0, MOST)) {
    if (each.digest === digest) continue;
    const bytes = await load(each.digest);
    if (bytes === undefined) continue;
    const { subject, artifactType, config } = readManifest(bytes, each.digest);
    if (subject?.digest === digest)
      found.push({
        mediaType: each.mediaType,
        digest: each.digest,
        size: each.size,
        artifactType: artifactType ?? config.mediaType,
      });
  }
  return found;
}
