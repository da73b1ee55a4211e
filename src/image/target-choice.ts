/** Chooses the one image of an index, by platform. */
import { AppError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import { type Descriptor, digestIn, type ImageDocument, parseConfig, parseDocument } from './target-documents.ts';
import { fitness, hostPlatform, type Platform, parsePlatform, showPlatform } from './target-platform.ts';

/** Where the documents of an index come from. */
export interface Documents {
  /** For messages. */
  readonly name: string;
  /** The verified bytes of a document; undefined if it is not there, as in a partial copy of an index. */
  load(digest: Digest): Promise<Buffer | undefined>;
}

export interface ChosenImage {
  readonly digest: Digest;
  readonly image: ImageDocument;
}

const DEPTH_LIMIT = 4;
const DOCUMENTS_LIMIT = 1000;

interface Candidate extends ChosenImage {
  readonly platform: Platform | undefined;
}

/**
 * The image of `manifests` for `platform`; without one, for Linux on this machine's architecture, or the only image
 * there is. Throws `bad-target` with the platforms that there are.
 */
export async function chooseImage(
  documents: Documents,
  manifests: readonly Descriptor[],
  platform: string | undefined,
): Promise<ChosenImage> {
  const wanted = platform === undefined ? hostPlatform() : parsePlatform(platform);
  const all = await candidates(documents, manifests);
  const best = all
    .map((each) => ({ each, score: each.platform ? fitness(wanted, each.platform) : 0 }))
    .reduce((a, b) => (b.score > a.score ? b : a));
  if (best.score > 0) return best.each;
  const [only] = all;
  if (only && all.length === 1 && (platform === undefined || only.platform === undefined)) return only;
  const available = all.map((each) => (each.platform ? showPlatform(each.platform) : `unknown (${each.digest})`));
  throw new AppError(
    'bad-target',
    `${documents.name} has no image for ${showPlatform(wanted)}; available: ${[...new Set(available)].join(', ')}; choose with --platform`,
  );
}

/** The images of `manifests` and of the indexes in it, at least one; attestations and other artifacts left out. */
async function candidates(documents: Documents, manifests: readonly Descriptor[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const seen = new Set<Digest>();
  const skipped: string[] = [];
  let queue = manifests.map((descriptor) => ({ descriptor, depth: 1 }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { descriptor, depth } = next;
    const digest = digestIn(descriptor.digest, documents.name);
    if (seen.has(digest) || isAttestation(descriptor)) continue;
    seen.add(digest);
    if (seen.size > DOCUMENTS_LIMIT) {
      throw new AppError('bad-target', `${documents.name} has more than ${DOCUMENTS_LIMIT} manifests`);
    }
    const bytes = await documents.load(digest);
    if (bytes === undefined) {
      skipped.push(`${digest} is not there`);
      continue;
    }
    try {
      const document = parseDocument(bytes, `${documents.name}: ${digest}`);
      if (document.kind === 'index') {
        if (depth >= DEPTH_LIMIT) throw new AppError('bad-target', `${documents.name} nests indexes too deeply`);
        queue = [...document.manifests.map((each) => ({ descriptor: each, depth: depth + 1 })), ...queue];
        continue;
      }
      const { image } = document;
      const platform = descriptor.platform ?? (await configuredPlatform(documents, image));
      found.push({ digest, image, platform });
    } catch (error) {
      // One artifact beside the images is no obstacle; it is told of if there is nothing else.
      if (!(error instanceof AppError)) throw error;
      skipped.push(error.message);
    }
  }
  if (found.length === 0) {
    throw new AppError('bad-target', [`${documents.name} holds no image`, ...skipped.slice(0, 5)].join('; '));
  }
  return found;
}

/** What an image without a platform in its index says itself. */
async function configuredPlatform(documents: Documents, image: ImageDocument): Promise<Platform | undefined> {
  const digest = digestIn(image.config.digest, documents.name);
  const bytes = await documents.load(digest);
  if (bytes === undefined) return undefined;
  const { os, architecture, variant } = parseConfig(bytes, `${documents.name}: ${digest}`);
  return os && architecture ? { os, architecture, variant } : undefined;
}

function isAttestation({ annotations, platform, artifactType }: Descriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] !== undefined ||
    platform?.os === 'unknown' ||
    artifactType !== undefined
  );
}
