/** Which command made which layer: the history in an image's config (OCI image-spec, config.md). */
import { z } from 'zod';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';

/** An image, and a way to the document that says how it was made. */
export interface FoundImage {
  readonly manifest: Manifest;
  /** Digests of the indexes that it was chosen from, the outermost first: registries show these for a tag. */
  readonly indexes: readonly Digest[];
  /** As it is called where it was found; [] if nothing says. */
  readonly names: readonly string[];
  /** The verified bytes; undefined if they are not there. */
  readonly config: () => Promise<Buffer | undefined>;
}

const History = z.object({
  history: z.array(
    z.object({
      created_by: z.string().optional().catch(undefined),
      comment: z.string().optional().catch(undefined),
      empty_layer: z.boolean().optional().catch(undefined),
    }),
  ),
});

/** By position of the layer: the command; [] if the config does not say, or not for as many layers as there are. */
export function readHistory(config: Buffer, layers: number): string[] {
  let document: unknown;
  try {
    document = JSON.parse(config.toString('utf8'));
  } catch {
    return [];
  }
  const parsed = History.safeParse(document);
  if (!parsed.success) return [];
  const made = parsed.data.history.filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  return made.length === layers ? made.map(({ created_by: by, comment }) => by || comment || '') : [];
}
