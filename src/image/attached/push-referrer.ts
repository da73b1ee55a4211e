/** Attaches a document to an image in its registry: an artifact whose subject the image is (OCI image-spec 1.1, "Artifacts"). */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type Digest, tagOf } from '../../model/digest.ts';
import { fetchManifest } from '../registry/fetch-document.ts';
import { pushBlob } from '../registry/push-blob.ts';
import { pushManifest } from '../registry/push-manifest.ts';
import type { Reference } from '../registry/reference.ts';
import {
  openRegistrySession,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../registry/session.ts';
import { digestOf } from '../target/documents.ts';

export interface AttachedDocument {
  /** Media type of the document, which is the type of the artifact, too. */
  readonly type: string;
  readonly bytes: Buffer;
  /** As a file is called. */
  readonly title: string;
  /** RFC 3339. */
  readonly created: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = Buffer.from('{}');
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const Listed = z.looseObject({ manifests: z.array(z.looseObject({ digest: z.string() })) });

/** Pushes each document as a referrer of `subject`; returns the digests of their manifests. Throws `bad-target`. */
export async function pushReferrers(
  reference: Reference,
  subject: Digest,
  documents: readonly AttachedDocument[],
  options: RegistrySessionOptions,
): Promise<Digest[]> {
  await using session = await openRegistrySession(reference, { ...options, access: 'push' });
  const name = `${reference.host}/${reference.repository}`;
  const { bytes, mediaType } = await subjectOf(session, subject, `${name}@${subject}`);
  const about = { mediaType, digest: subject, size: bytes.length };
  await putBytes(session, EMPTY, name);
  const digests: Digest[] = [];
  for (const { type, bytes: content, title, created } of documents) {
    const layer = await putBytes(session, content, name);
    const annotations = { 'org.opencontainers.image.created': created };
    const manifest = {
      ...{ schemaVersion: 2, mediaType: MANIFEST, artifactType: type },
      config: {
        mediaType: EMPTY_TYPE,
        digest: digestOf(EMPTY),
        size: EMPTY.length,
        data: EMPTY.toString('base64'),
      },
      layers: [
        {
          mediaType: type,
          digest: layer,
          size: content.length,
          annotations: { 'org.opencontainers.image.title': title },
        },
      ],
      ...{ subject: about, annotations },
    };
    const body = Buffer.from(JSON.stringify(manifest));
    const { digest, listsReferrers } = await pushManifest(
      session,
      { bytes: body, mediaType: MANIFEST },
      name,
    );
    if (!listsReferrers) {
      const link = { mediaType: MANIFEST, digest, size: body.length, artifactType: type, annotations };
      await addToTag(session, subject, link, name);
    }
    digests.push(digest);
  }
  return digests;
}

async function subjectOf(session: RegistrySession, subject: Digest, name: string) {
  const { bytes } = await fetchManifest(session, subject, name);
  const { mediaType, manifests } = z
    .object({ mediaType: z.string().optional(), manifests: z.unknown().optional() })
    .catch({})
    .parse(JSON.parse(bytes.toString('utf8')));
  return { bytes, mediaType: mediaType ?? (manifests === undefined ? MANIFEST : INDEX) };
}

async function putBytes(session: RegistrySession, bytes: Buffer, name: string): Promise<Digest> {
  const digest = digestOf(bytes);
  const open = (from: number, to: number): Readable => Readable.from([bytes.subarray(from, to)]);
  await pushBlob(session, { digest, size: bytes.length, open }, { name });
  return digest;
}

/**
 * A registry without the API of referrers: their list is an index under a tag that clients keep (distribution-spec 1.1,
 * "Referrers Tag Schema"). Of two that write it at the same time one is lost, as the specification says.
 */
async function addToTag(
  session: RegistrySession,
  subject: Digest,
  link: { digest: Digest },
  name: string,
): Promise<void> {
  const tag = tagOf(subject);
  const head = await session.send(`manifests/${tag}`, { method: 'HEAD', headers: { accept: INDEX } });
  await head.discard();
  let before: z.infer<typeof Listed>['manifests'] = [];
  if (head.status === 200) {
    const { bytes } = await fetchManifest(session, tag, `${name}:${tag}`);
    const listed = Listed.safeParse(JSON.parse(bytes.toString('utf8')));
    if (!listed.success)
      throw new AppError(
        'bad-target',
        `${name}:${tag} is no list of referrers: it stays as it is, and the document is not found by it`,
      );
    before = listed.data.manifests.filter(({ digest }) => digest !== link.digest);
  }
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [...before, link] };
  await pushManifest(session, { bytes: Buffer.from(JSON.stringify(index)), mediaType: INDEX, tag }, name);
}
