/**
 * Finds what a registry holds for an image beside its layers: referrers (OCI 1.1, by the API or by the tag that stands for
 * it), cosign's tags `.att` and `.sbom`, and the attestation manifests that BuildKit puts into the index.
 */
import type { KeyObject } from 'node:crypto';
import { AppError, messageOf } from '../../errors.ts';
import { type Digest, tagOf } from '../../model/digest.ts';
import { fetchBytes, fetchManifest } from '../registry/fetch-document.ts';
import type { Reference } from '../registry/reference.ts';
import {
  openRegistrySession,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../registry/session.ts';
import { digestIn, digestOf, verify } from '../target/documents.ts';
import {
  type Attachment,
  type DocumentKind,
  isEnvelopeType,
  kindOfType,
  openAttachment,
  type RawAttachment,
  UNSIGNED,
} from './attachment.ts';
import {
  Carrier,
  jsonIn,
  type Link,
  Links,
  type OpenRepository,
  referrersOf,
  taggedManifest,
} from './referrers.ts';
import { isSignedManifest } from './signed-manifest.ts';

export interface FindOptions extends RegistrySessionOptions {
  readonly kinds: ReadonlySet<DocumentKind>;
  /** Only what is signed by it is used. */
  readonly key?: KeyObject | undefined;
}

export interface FoundAttachments {
  readonly attachments: readonly Attachment[];
  /** What cannot be used, and why, in words. */
  readonly unusable: readonly string[];
}

/** Manifests that one image may have beside it. */
const MANIFESTS_LIMIT = 200;
const BLOB_LIMIT = 128 * 1024 ** 2;
const TOTAL_LIMIT = 512 * 1024 ** 2;

/**
 * What is attached to any of `digests` (the image, and the indexes that it was chosen from). Throws `bad-target` if the
 * registry cannot be asked.
 */
export async function findAttached(
  reference: Reference,
  digests: readonly Digest[],
  options: FindOptions,
): Promise<FoundAttachments> {
  await using session = await openRegistrySession(reference, options);
  return await new Finder(session, `${reference.host}/${reference.repository}`, digests, options).find();
}

class Finder {
  readonly #session: RegistrySession;
  readonly #name: string;
  readonly #beside: OpenRepository;
  readonly #digests: readonly Digest[];
  readonly #options: FindOptions;
  readonly #attachments: Attachment[] = [];
  readonly #unusable: string[] = [];
  readonly #seen = new Set<string>();
  #bytes = 0;

  constructor(session: RegistrySession, name: string, digests: readonly Digest[], options: FindOptions) {
    this.#session = session;
    this.#name = name;
    this.#beside = { session, name };
    this.#digests = digests;
    this.#options = options;
  }

  async find(): Promise<FoundAttachments> {
    for (const digest of this.#digests) {
      const { links, unusable } = await referrersOf(this.#beside, digest);
      this.#unusable.push(...unusable);
      for (const link of links) await this.#readManifest(link, 'referrer');
      for (const suffix of ['att', 'sbom']) await this.#readTag(`${tagOf(digest)}.${suffix}`);
    }
    for (const link of await this.#ofBuildKit()) await this.#readManifest(link, 'attestation of the index');
    return { attachments: this.#attachments, unusable: this.#unusable };
  }

  async #readTag(tag: string): Promise<void> {
    const bytes = await taggedManifest(this.#beside, tag);
    if (bytes !== undefined) await this.#readCarrier(bytes, `${this.#name}:${tag}`, undefined);
  }

  /** BuildKit, attestation storage: descriptors of the index that name the image they are about. */
  async #ofBuildKit(): Promise<Link[]> {
    const found: Link[] = [];
    for (const digest of this.#digests) {
      const { bytes } = await fetchManifest(this.#session, digest, `${this.#name}@${digest}`);
      const links = Links.safeParse(jsonIn(bytes)).data?.manifests ?? [];
      const own = links.filter(
        ({ annotations }) =>
          annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' &&
          this.#digests.some((each) => each === annotations['vnd.docker.reference.digest']),
      );
      found.push(...own);
    }
    return found;
  }

  async #readManifest(link: Link, shape: string): Promise<void> {
    if (this.#seen.has(link.digest)) return;
    this.#seen.add(link.digest);
    const source = `${this.#name}@${link.digest}`;
    if (this.#seen.size > MANIFESTS_LIMIT) {
      if (this.#seen.size === MANIFESTS_LIMIT + 1)
        this.#tell(this.#name, `more than ${MANIFESTS_LIMIT} manifests next to the image`);
      return;
    }
    try {
      const digest = digestIn(link.digest, source);
      const { bytes } = await fetchManifest(this.#session, digest, source);
      await this.#readCarrier(bytes, `${source} (${shape})`, digest, link);
    } catch (error) {
      this.#give(error);
      this.#tell(`${source} (${shape})`, messageOf(error));
    }
  }

  /** Each layer of the manifest that may be a document. */
  async #readCarrier(bytes: Buffer, source: string, digest: Digest | undefined, link?: Link): Promise<void> {
    const carrier = Carrier.safeParse(jsonIn(bytes));
    if (!carrier.success) return this.#tell(source, 'it is no manifest of an artifact');
    const { artifactType, config, layers, subject, annotations } = carrier.data;
    // Whoever lists a referrer is not who signed it: the manifest itself says what it is about.
    if (subject && !this.#digests.some((each) => each === subject.digest))
      return this.#tell(source, 'it is about another image');
    const above = [
      link?.artifactType,
      artifactType,
      config?.mediaType,
      ...predicateTypes(link?.annotations),
      ...predicateTypes(annotations),
    ];
    for (const [position, layer] of layers.entries()) {
      const types = [...predicateTypes(layer.annotations), layer.mediaType, ...above].filter(
        (each): each is string => each !== undefined,
      );
      if (!types.some((type) => kindOfType(type) || isEnvelopeType(type))) continue;
      // A provenance, say, is no business of ours.
      const predicates = [
        ...predicateTypes(layer.annotations),
        ...predicateTypes(annotations),
        ...predicateTypes(link?.annotations),
      ];
      if (predicates.length > 0 && !predicates.some((type) => kindOfType(type) || /cosign/.test(type)))
        continue;
      const name = layers.length > 1 ? `${source} layer ${position + 1}` : source;
      await this.#readLayer(layer, { source: name, types }, bytes, digest);
    }
  }

  async #readLayer(
    layer: Link,
    named: Pick<RawAttachment, 'source' | 'types'>,
    manifest: Buffer,
    digest: Digest | undefined,
  ): Promise<void> {
    const { kinds, key } = this.#options;
    const { source } = named;
    try {
      const hash = digestIn(layer.digest, source);
      this.#bytes += layer.size ?? 0;
      if ((layer.size ?? 0) > BLOB_LIMIT || this.#bytes > TOTAL_LIMIT)
        return this.#tell(source, 'it is too big');
      const { bytes } = await fetchBytes(this.#session, `blobs/${hash}`, {}, source, BLOB_LIMIT);
      const raw = { ...named, bytes: verify(bytes, hash, source) };
      let opened = openAttachment(raw, this.#digests, key);
      // What is signed elsewhere is looked for only where it matters.
      if (
        key &&
        'unusable' in opened &&
        opened.unusable === UNSIGNED &&
        (await isSignedManifest(this.#beside, digest ?? digestOf(manifest), key))
      )
        opened = openAttachment({ ...raw, signedOutside: true }, this.#digests, key);
      if ('unusable' in opened) this.#tell(source, opened.unusable);
      else if ('attachment' in opened && kinds.has(opened.attachment.kind))
        this.#attachments.push(opened.attachment);
    } catch (error) {
      this.#give(error);
      this.#tell(source, messageOf(error));
    }
  }

  #tell(source: string, why: string): void {
    this.#unusable.push(`${source} is not used: ${why}`);
  }

  /** What ends the scan is no property of a document. */
  #give(error: unknown): void {
    this.#options.signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
  }
}

/** cosign, in-toto and Sigstore have a name each for it. */
function predicateTypes(annotations: Link['annotations']): string[] {
  return ['predicateType', 'in-toto.io/predicate-type', 'dev.sigstore.bundle.predicateType'].flatMap(
    (key) => annotations?.[key] ?? [],
  );
}
