/** An image in a registry: its manifest, and where its layers can be fetched from (clair-service.md#printing-manifests). */
import type { Digest } from '../../model/digest.ts';
import type { LayerReference, Manifest } from '../../model/manifest.ts';
import { allImages, checkPlatform, chooseImage, type Documents } from '../target/choice.ts';
import { artifactType, digestIn, parseDocument, verify } from '../target/documents.ts';
import type { FoundImage } from '../target/layer-history.ts';
import { failure, fetchBytes, fetchManifest } from './fetch-document.ts';
import { type AccessedLayer, offerAccess } from './layer-access.ts';
import { type Reference, showReference } from './reference.ts';
import { openRegistrySession, type RegistrySession, type RegistrySessionOptions } from './session.ts';

export interface RegistryOptions extends RegistrySessionOptions {
  readonly platform?: string;
  /** Which image of an index it is if none was asked for; default: Linux on this machine's architecture. */
  readonly defaultPlatform?: string;
}

/** An image that can be asked for until it is disposed: what runs out meanwhile is renewed. */
export interface RegistryImage extends FoundImage, AsyncDisposable {}

const PARALLEL = 4;

/**
 * The manifest of the image for a service that fetches the layers: each layer's URI is where its blob is in the end,
 * with the headers to ask for it. Throws `bad-target`.
 */
export async function readRegistry(reference: Reference, options: RegistryOptions): Promise<Manifest> {
  await using image = await locateImage(reference, options);
  return image.manifest;
}

/** As `readRegistry`, with what else the registry says of the image until it is disposed. */
export async function locateImage(reference: Reference, options: RegistryOptions): Promise<RegistryImage> {
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openRegistrySession(reference, options));
  const found = await manifestOf(session, reference, options);
  const owned = opened.move();
  return { ...found, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The image for ourselves: its layers are fetched from the registry when their turn comes. Throws `bad-target`. */
export async function openRegistry(reference: Reference, options: RegistryOptions): Promise<RegistryImage> {
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openRegistrySession(reference, options));
  const found = await manifestOf(session, reference, options);
  const access = offerLayers(session, showReference(reference), opened);
  const { hash, layers } = found.manifest;
  const manifest = { hash, layers: layers.map((layer) => access(layer.hash)) };
  const owned = opened.move();
  return { ...found, manifest, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The images that a reference names, one for each platform; their layers can be fetched until it is disposed. */
export interface RegistryImages extends AsyncDisposable {
  /** Of the image or index that the reference names. */
  readonly digest: Digest;
  /** None of an artifact that is no image: `skipped` says so. */
  readonly images: readonly { readonly manifest: Manifest; readonly platform: string }[];
  /** What of an index could not be had, and why. */
  readonly skipped: readonly string[];
}

export interface RegistryImagesOptions extends RegistrySessionOptions {
  /** Only these of an index; []: all. */
  readonly platforms: readonly string[];
  /** Images that an index may have. */
  readonly limit: number;
}

/** As `openRegistry`, of all images of an index. Throws `bad-target`. */
export async function openRegistryImages(
  reference: Reference,
  options: RegistryImagesOptions,
): Promise<RegistryImages> {
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openRegistrySession(reference, options));
  const name = showReference(reference);
  const documents = documentsOf(session, name);
  const top = await fetchManifest(session, reference.digest ?? reference.tag ?? 'latest', name);
  const { images, skipped } = await imagesIn(top, documents, options);
  const access = offerLayers(session, name, opened);
  const owned = opened.move();
  return {
    digest: top.digest,
    images: images.map(({ digest, image, platform }) => ({
      manifest: { hash: digest, layers: image.layers.map((layer) => access(digestIn(layer.digest, name))) },
      platform,
    })),
    skipped,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function imagesIn(
  { digest, bytes }: { readonly digest: Digest; readonly bytes: Buffer },
  documents: Documents,
  options: RegistryImagesOptions,
): ReturnType<typeof allImages> {
  const artifact = artifactType(bytes);
  if (artifact !== undefined)
    return { images: [], skipped: [`${digest} is an artifact, not a container image (${artifact})`] };
  const document = parseDocument(bytes, documents.name);
  if (document.kind === 'index') return await allImages(documents, document.manifests, options);
  return { images: [{ digest, image: document.image, platform: '' }], skipped: [] };
}

/** References of layers that are good until `opened` is disposed: whoever fetches one can have what ran out renewed. */
function offerLayers(
  session: RegistrySession,
  name: string,
  opened: AsyncDisposableStack,
): (hash: Digest) => AccessedLayer {
  const here = (hash: Digest): LayerReference => {
    const { url, authorization } = session.address(`blobs/${hash}`);
    return { hash, uri: url.href, headers: headersOf(authorization) };
  };
  const { access, close } = offerAccess(session.tls, async (hash) => {
    await locate(session, hash, name); // is refused and renewed if what we have ran out
    return here(hash);
  });
  opened.defer(close);
  return (hash) => ({ ...here(hash), access });
}

function documentsOf(session: RegistrySession, name: string): Documents {
  return {
    name,
    load: async (digest, what) =>
      what === 'manifest'
        ? (await fetchManifest(session, digest, name)).bytes
        : verify(
            await fetchBytes(session, `blobs/${digest}`, {}, name).then(({ bytes }) => bytes),
            digest,
            name,
          ),
  };
}

async function manifestOf(
  session: RegistrySession,
  reference: Reference,
  options: RegistryOptions,
): Promise<FoundImage> {
  const name = showReference(reference);
  const documents = documentsOf(session, name);
  const top = await fetchManifest(session, reference.digest ?? reference.tag ?? 'latest', name);
  const document = parseDocument(top.bytes, name);
  if (document.kind === 'image') await checkPlatform(documents, document.image, options.platform);
  const isIndex = document.kind === 'index';
  const { digest, image, indexes } = isIndex
    ? await chooseImage(documents, document.manifests, options.platform ?? options.defaultPlatform)
    : { digest: top.digest, image: document.image, indexes: [] };

  const hashes = image.layers.map((layer) => digestIn(layer.digest, name));
  const located = await locateAll(session, [...new Set(hashes)], name);
  return {
    manifest: { hash: digest, layers: hashes.map((hash) => located.get(hash)!) },
    indexes: isIndex ? [top.digest, ...indexes] : [],
    names: [name],
    config: () => documents.load(digestIn(image.config.digest, name), 'config'),
  };
}

async function locateAll(session: RegistrySession, hashes: readonly Digest[], name: string) {
  const located = new Map<Digest, LayerReference>();
  const waiting = hashes.values();
  // The workers share one iterator: each takes the next hash when it is done with its last.
  const worker = async () => {
    for (const hash of waiting) located.set(hash, await locate(session, hash, name));
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return located;
}

/** Asks for one byte of the blob, and remembers where it came from. */
async function locate(session: RegistrySession, hash: Digest, name: string): Promise<LayerReference> {
  const answer = await session.get(`blobs/${hash}`, { range: 'bytes=0-0' });
  // 416: an empty blob has no first byte.
  if (![200, 206, 416].includes(answer.status)) throw await failure(answer, `${name}: layer ${hash}`);
  await answer.discard();
  const { authorization } = answer.sent;
  return {
    hash,
    uri: answer.url.href,
    headers: headersOf(authorization),
  };
}

function headersOf(authorization: string | undefined): LayerReference['headers'] {
  return authorization === undefined ? {} : { Authorization: [authorization] };
}
