/** An image in a registry: its manifest, and where its layers can be fetched from (clair-service.md#printing-manifests). */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerReference, Manifest } from '../../model/manifest.ts';
import { checkPlatform, chooseImage, type Documents } from '../target/choice.ts';
import { DOCUMENT_LIMIT, digestIn, digestOf, parseDocument, verify } from '../target/documents.ts';
import type { FoundImage } from '../target/layer-history.ts';
import { isTransient } from './http-retry.ts';
import { type AccessedLayer, offerAccess } from './layer-access.ts';
import { type Reference, showReference } from './reference.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { type Answer, showUrl } from './transport.ts';

export interface RegistryOptions extends SessionOptions {
  readonly platform?: string;
  /** Which image of an index it is if none was asked for; default: Linux on this machine's architecture. */
  readonly defaultPlatform?: string;
}

/** An image whose layers this process fetches itself: until it is disposed, what runs out meanwhile is renewed. */
export interface RegistryImage extends FoundImage, AsyncDisposable {}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const PARALLEL = 4;
const DOCUMENT_TRIES = 3;
const ERROR_LIMIT = 64 * 1024;
const RegistryErrors = z.object({ errors: z.array(z.object({ message: z.string().optional() })).min(1) });

/**
 * The manifest of the image for a service that fetches the layers: each layer's URI is where its blob is in the end,
 * with the headers to ask for it. Throws `bad-target`.
 */
export async function readRegistry(reference: Reference, options: RegistryOptions): Promise<Manifest> {
  await using session = await openSession(reference, options);
  return (await manifestOf(session, reference, options)).manifest;
}

/** The image for ourselves: its layers are fetched from the registry when their turn comes. Throws `bad-target`. */
export async function openRegistry(reference: Reference, options: RegistryOptions): Promise<RegistryImage> {
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openSession(reference, options));
  const name = showReference(reference);
  const found = await manifestOf(session, reference, options);
  const { hash, layers } = found.manifest;
  const here = (layer: Digest): LayerReference => {
    const { url, authorization } = session.address(`blobs/${layer}`);
    return { hash: layer, uri: url.href, headers: headersOf(authorization) };
  };
  const { access, close } = offerAccess(session.tls, async (layer) => {
    await locate(session, layer, name); // is refused and renewed if what we have ran out
    return here(layer);
  });
  opened.defer(close);
  const manifest = {
    hash,
    layers: layers.map((layer): AccessedLayer => ({ ...here(layer.hash), access })),
  };
  const owned = opened.move();
  return { ...found, manifest, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function manifestOf(
  session: Session,
  reference: Reference,
  options: RegistryOptions,
): Promise<FoundImage> {
  const name = showReference(reference);
  const documents: Documents = {
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

async function fetchManifest(
  session: Session,
  wanted: string,
  name: string,
): Promise<{ digest: Digest; bytes: Buffer }> {
  const { bytes, answer } = await fetchBytes(session, `manifests/${wanted}`, { accept: ACCEPT }, name);
  // A tag says nothing of the content; the registry may.
  const promised = wanted.includes(':') ? wanted : answer.header('docker-content-digest');
  const digest = promised === '' ? digestOf(bytes) : digestIn(promised, name);
  return { digest, bytes: verify(bytes, digest, name) };
}

/** A document; once more if it broke off. */
async function fetchBytes(
  session: Session,
  path: string,
  headers: Readonly<Record<string, string>>,
  name: string,
): Promise<{ bytes: Buffer; answer: Answer }> {
  for (let failures = 1; ; failures++) {
    const answer = await session.get(path, headers);
    if (answer.status !== 200) throw await failure(answer, name);
    try {
      return { bytes: await answer.read(DOCUMENT_LIMIT), answer };
    } catch (error) {
      if (failures === DOCUMENT_TRIES || !isTransient(error)) throw error;
    }
  }
}

async function locateAll(session: Session, hashes: readonly Digest[], name: string) {
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
async function locate(session: Session, hash: Digest, name: string): Promise<LayerReference> {
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

async function failure(answer: Answer, name: string): Promise<AppError> {
  const said = await messageIn(answer);
  const why: Readonly<Record<number, string>> = {
    403: 'it may not be read with this login',
    404: 'there is no such image',
    429: 'the registry limits requests: try again later, or log in',
  };
  const reason = why[answer.status] ?? `${showUrl(answer.url)} answers ${answer.status}`;
  return new AppError('bad-target', `${name}: ${reason}${said === '' ? '' : ` (${said})`}`);
}

/** What the registry says of its error, as far as it is fit for a terminal. */
async function messageIn(answer: Answer): Promise<string> {
  try {
    const { errors } = RegistryErrors.parse(JSON.parse((await answer.read(ERROR_LIMIT)).toString('utf8')));
    return (errors[0]?.message ?? '').replace(/[^\x20-\x7e]/g, ' ').slice(0, 200);
  } catch {
    return '';
  }
}
