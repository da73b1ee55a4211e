/** Chooses the one image of an index, by platform. */
import { AppError, messageOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { type Descriptor, digestIn, type ImageDocument, parseConfig, parseDocument } from './documents.ts';
import { fitness, hostPlatform, type Platform, parsePlatform, showPlatform } from './platform.ts';

/** Where the documents of an image come from. */
export interface Documents {
  /** For messages. */
  readonly name: string;
  /** The verified bytes of a document; undefined if it is not there, as in a partial copy of an index. */
  load(digest: Digest, what: 'manifest' | 'config'): Promise<Buffer | undefined>;
}

export interface ChosenImage {
  readonly digest: Digest;
  /** Digests of the indexes between `manifests` and it, the outermost first. */
  readonly indexes: readonly Digest[];
  readonly image: ImageDocument;
}

interface Candidate {
  readonly digest: Digest;
  readonly indexes: readonly Digest[];
  readonly platform: Platform | undefined;
  /** undefined: not loaded yet. */
  readonly image?: ImageDocument;
}

const DEPTH_LIMIT = 4;
const DOCUMENTS_LIMIT = 1000;
const IMAGE_TYPES = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);

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
  const skipped: string[] = [];
  const all = await candidates(documents, manifests, skipped);
  const fits = all
    .map((each) => ({ each, score: each.platform ? fitness(wanted, each.platform) : 0 }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ each }) => each);
  const [only] = all;
  const isOnly = all.length === 1 && (platform === undefined || only?.platform === undefined);
  for (const { digest, image, indexes } of fits.length === 0 && only && isOnly ? [only] : fits) {
    const loaded = image ?? (await loadImage(documents, digest, skipped));
    if (loaded) return { digest, indexes, image: loaded };
  }

  const reasons = skipped.length > 0 ? ` (${skipped.slice(0, 5).join('; ')})` : '';
  if (all.length === 0) throw new AppError('bad-target', `${documents.name} holds no image${reasons}`);
  const available = all.map((each) =>
    each.platform ? showPlatform(each.platform) : `unknown (${each.digest})`,
  );
  throw new AppError(
    'bad-target',
    `${documents.name} has no image for ${showPlatform(wanted)}${reasons}. Available: ${[...new Set(available)].join(', ')}. Select one with --platform`,
  );
}

/** An image of an index, and what it runs on. */
export interface PlatformImage {
  readonly digest: Digest;
  readonly image: ImageDocument;
  /** `linux/arm64`; '' if nobody says. */
  readonly platform: string;
}

/**
 * All images of `manifests`, each once, for whatever platform; only those for one of `platforms` if it is not empty. What
 * could not be had and why is in `skipped`. Throws `bad-target` if there is none, or there are over `limit`.
 */
export async function allImages(
  documents: Documents,
  manifests: readonly Descriptor[],
  { platforms, limit }: { readonly platforms: readonly string[]; readonly limit: number },
): Promise<{ readonly images: readonly PlatformImage[]; readonly skipped: readonly string[] }> {
  const wanted = platforms.map(parsePlatform);
  const skipped: string[] = [];
  const all = await candidates(documents, manifests, skipped);
  const fits = all.filter(
    ({ platform }) =>
      wanted.length === 0 || platform === undefined || wanted.some((each) => fitness(each, platform) > 0),
  );
  const distinct = [...new Map(fits.map((each) => [each.digest, each])).values()];
  if (distinct.length > limit)
    throw new AppError('bad-target', `${documents.name} has images for more than ${limit} platforms`);
  const images: PlatformImage[] = [];
  for (const { digest, image, platform } of distinct) {
    const loaded = image ?? (await loadImage(documents, digest, skipped));
    if (loaded) images.push({ digest, image: loaded, platform: platform ? showPlatform(platform) : '' });
  }
  if (images.length > 0) return { images, skipped };
  const reasons = skipped.length > 0 ? ` (${skipped.slice(0, 5).join('; ')})` : '';
  const sought = platforms.length > 0 && all.length > 0 ? `no image for ${platforms.join(', ')}` : 'no image';
  throw new AppError('bad-target', `${documents.name} holds ${sought}${reasons}`);
}

/** Throws `bad-target` if a platform was asked for and `image`, which is not of an index, is for another. */
export async function checkPlatform(
  documents: Documents,
  image: ImageDocument,
  platform: string | undefined,
): Promise<void> {
  if (platform === undefined) return;
  const wanted = parsePlatform(platform);
  const have = await configuredPlatform(documents, image);
  if (have && fitness(wanted, have) === 0) {
    throw new AppError(
      'bad-target',
      `${documents.name} has no image for ${showPlatform(wanted)}. Available: ${showPlatform(have)}`,
    );
  }
}

/** The images of `manifests` and of the indexes in it; attestations and other artifacts are left out. */
async function candidates(
  documents: Documents,
  manifests: readonly Descriptor[],
  skipped: string[],
): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const seen = new Set<string>();
  const visit = async (descriptors: readonly Descriptor[], indexes: readonly Digest[]): Promise<void> => {
    for (const descriptor of descriptors) {
      const digest = digestIn(descriptor.digest, documents.name);
      // The same image may be there for several platforms.
      const key = `${digest} ${descriptor.platform ? showPlatform(descriptor.platform) : ''}`;
      if (seen.has(key) || isAttestation(descriptor)) continue;
      seen.add(key);
      if (seen.size > DOCUMENTS_LIMIT) {
        throw new AppError('bad-target', `${documents.name} has more than ${DOCUMENTS_LIMIT} manifests`);
      }
      const { platform, mediaType = '' } = descriptor;
      if (platform && IMAGE_TYPES.has(mediaType)) {
        found.push({ digest, indexes, platform });
        continue;
      }
      const document = await loadDocument(documents, digest, skipped);
      if (document?.kind === 'index') {
        if (indexes.length + 1 === DEPTH_LIMIT) skipped.push(`${digest} is nested too deeply`);
        else await visit(document.manifests, [...indexes, digest]);
      } else if (document) {
        const { image } = document;
        found.push({
          digest,
          indexes,
          image,
          platform: platform ?? (await configuredPlatform(documents, image)),
        });
      }
    }
  };
  await visit(manifests, []);
  return found;
}

async function loadImage(documents: Documents, digest: Digest, skipped: string[]) {
  const document = await loadDocument(documents, digest, skipped);
  if (document?.kind === 'image') return document.image;
  if (document) skipped.push(`${digest} is no image`);
  return undefined;
}

/** One bad document or artifact beside the images is no obstacle: why it was left out is kept in `skipped`. */
async function loadDocument(documents: Documents, digest: Digest, skipped: string[]) {
  try {
    const bytes = await documents.load(digest, 'manifest');
    if (bytes) return parseDocument(bytes, digest);
    skipped.push(`${digest} is missing`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    skipped.push(messageOf(error));
  }
  return undefined;
}

/** What an image says itself; undefined if it does not. */
async function configuredPlatform(
  documents: Documents,
  { config: { digest: text } }: ImageDocument,
): Promise<Platform | undefined> {
  const digest = digestIn(text, documents.name);
  const bytes = await documents.load(digest, 'config');
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
