/** An image in a registry: its manifest, and where its layers can be fetched from (service.md §7.2). */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import { type Reference, showReference } from './registry-reference.ts';
import { openSession, type Session } from './registry-session.ts';
import { type Answer, showUrl, type TransportOptions } from './registry-transport.ts';
import { checkPlatform, chooseImage, type Documents } from './target-choice.ts';
import { DOCUMENT_LIMIT, digestIn, digestOf, parseDocument, verify } from './target-documents.ts';

export interface RegistryOptions extends TransportOptions {
  readonly platform?: string;
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const PARALLEL = 4;
const ERROR_LIMIT = 64 * 1024;
const RegistryErrors = z.object({ errors: z.array(z.object({ message: z.string().optional() })).min(1) });

/** The manifest of the image; each layer's URI is where its blob is in the end, with the headers to ask for it. */
export async function readRegistry(reference: Reference, options: RegistryOptions): Promise<Manifest> {
  await using session = openSession(reference, options);
  const name = showReference(reference);
  const documents: Documents = {
    name,
    load: async (digest, what) =>
      what === 'manifest'
        ? (await fetchManifest(session, digest, name)).bytes
        : await fetchDocument(session, `blobs/${digest}`, digest, name),
  };
  const top = await fetchManifest(session, reference.digest ?? reference.tag ?? 'latest', name);
  const document = parseDocument(top.bytes, name);
  if (document.kind === 'image') await checkPlatform(documents, document.image, options.platform);
  const { digest, image } =
    document.kind === 'image'
      ? { digest: top.digest, image: document.image }
      : await chooseImage(documents, document.manifests, options.platform);

  const hashes = image.layers.map((layer) => digestIn(layer.digest, name));
  const located = await locateAll(session, [...new Set(hashes)], name);
  return { hash: digest, layers: hashes.map((hash) => located.get(hash)!) };
}

async function fetchManifest(
  session: Session,
  wanted: string,
  name: string,
): Promise<{ digest: Digest; bytes: Buffer }> {
  const answer = await session.get(`manifests/${wanted}`, { accept: ACCEPT });
  if (answer.status !== 200) throw await failure(answer, name);
  const bytes = await answer.read(DOCUMENT_LIMIT);
  // A tag says nothing of the content; the registry may.
  const promised = wanted.includes(':') ? wanted : answer.header('docker-content-digest');
  const digest = promised === '' ? digestOf(bytes) : digestIn(promised, name);
  return { digest, bytes: verify(bytes, digest, name) };
}

async function fetchDocument(session: Session, path: string, digest: Digest, name: string): Promise<Buffer> {
  const answer = await session.get(path, {});
  if (answer.status !== 200) throw await failure(answer, name);
  return verify(await answer.read(DOCUMENT_LIMIT), digest, name);
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
    headers: authorization === undefined ? {} : { Authorization: [authorization] },
  };
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
