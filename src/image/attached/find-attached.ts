/**
 * Finds what a registry holds for an image beside its layers: referrers (OCI 1.1, by the API or by the tag that stands for
 * it), cosign's tags `.att` and `.sbom`, and the attestation manifests that BuildKit puts into the index.
 */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { failure, fetchBytes, fetchManifest } from '../registry/fetch-document.ts';
import type { Reference } from '../registry/reference.ts';
import {
  openRegistrySession,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../registry/session.ts';
import type { RegistryResponse } from '../registry/transport.ts';
import { DOCUMENT_LIMIT, digestIn, digestOf, verify } from '../target/documents.ts';
import {
  type Attachment,
  type DocumentKind,
  isEnvelopeType,
  kindOfType,
  openAttachment,
  type RawAttachment,
  UNSIGNED,
} from './attachment.ts';
import { isSimplySigned } from './signature.ts';

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

const Annotations = z.record(z.string(), z.string()).nullish();
const Link = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  digest: z.string(),
  size: z.number().optional(),
  annotations: Annotations,
});
type Link = z.infer<typeof Link>;
const Links = z.object({ manifests: z.array(Link).max(10_000) });
const Carrier = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string().optional() }).optional(),
  layers: z.array(Link).max(1000),
  subject: z.object({ digest: z.string() }).nullish(),
  annotations: Annotations,
});

/** Manifests that one image may have beside it. */
const MANIFESTS_LIMIT = 200;
const PAGES_LIMIT = 20;
const BLOB_LIMIT = 128 * 1024 ** 2;
const TOTAL_LIMIT = 512 * 1024 ** 2;
const SIGNATURE = 'dev.cosignproject.cosign/signature';

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
  readonly #digests: readonly Digest[];
  readonly #options: FindOptions;
  readonly #attachments: Attachment[] = [];
  readonly #unusable: string[] = [];
  readonly #seen = new Set<string>();
  #bytes = 0;

  constructor(session: RegistrySession, name: string, digests: readonly Digest[], options: FindOptions) {
    this.#session = session;
    this.#name = name;
    this.#digests = digests;
    this.#options = options;
  }

  async find(): Promise<FoundAttachments> {
    for (const digest of this.#digests) {
      for (const link of await this.#referrers(digest)) await this.#readManifest(link, 'referrer');
      for (const suffix of ['att', 'sbom']) await this.#readTag(`${tagOf(digest)}.${suffix}`);
    }
    for (const link of await this.#ofBuildKit()) await this.#readManifest(link, 'attestation of the index');
    return { attachments: this.#attachments, unusable: this.#unusable };
  }

  /** By the API, else by the tag; those whose type is nothing that is looked for are left out. */
  async #referrers(digest: Digest): Promise<Link[]> {
    const found: Link[] = [];
    let next: string | URL | undefined = `referrers/${digest}`;
    for (let page = 0; next !== undefined && page < PAGES_LIMIT; page++) {
      const answer: RegistryResponse = await this.#session.send(next, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json' },
      });
      if (answer.status !== 200) {
        if (![400, 404, 405, 501].includes(answer.status))
          throw await failure(answer, `${this.#name}@${digest}`);
        await answer.discard();
        return await this.#byTag(digest);
      }
      const links = Links.safeParse(jsonIn(await answer.read(DOCUMENT_LIMIT)));
      if (!links.success) {
        this.#tell(`${this.#name}@${digest}`, 'the list of its referrers cannot be read');
        return await this.#byTag(digest);
      }
      found.push(...links.data.manifests);
      const [, address]: readonly (string | undefined)[] =
        /^\s*<([^>]+)>\s*;.*\brel="?next"?/.exec(answer.header('link')) ?? [];
      next = address === undefined ? undefined : (URL.parse(address, answer.url.href) ?? undefined);
    }
    return found.filter(({ artifactType }) => mayHold(artifactType));
  }

  async #byTag(digest: Digest): Promise<Link[]> {
    const bytes = await this.#tagged(tagOf(digest));
    if (bytes === undefined) return [];
    const links = Links.safeParse(jsonIn(bytes));
    if (links.success) return links.data.manifests.filter(({ artifactType }) => mayHold(artifactType));
    this.#tell(`${this.#name}:${tagOf(digest)}`, 'it is no list of referrers');
    return [];
  }

  async #readTag(tag: string): Promise<void> {
    const bytes = await this.#tagged(tag);
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
        (await this.#isSigned(manifest, digest, key))
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

  /** cosign signs a manifest by a tag beside it. */
  async #isSigned(manifest: Buffer, given: Digest | undefined, key: KeyObject): Promise<boolean> {
    const digest = given ?? digestOf(manifest);
    const bytes = await this.#tagged(`${tagOf(digest)}.sig`);
    const layers = Carrier.safeParse(bytes && jsonIn(bytes)).data?.layers ?? [];
    for (const layer of layers) {
      const signature = layer.annotations?.[SIGNATURE];
      if (signature === undefined) continue;
      const hash = digestIn(layer.digest, this.#name);
      const payload = (await fetchBytes(this.#session, `blobs/${hash}`, {}, this.#name)).bytes;
      if (isSimplySigned(verify(payload, hash, this.#name), signature, digest, key)) return true;
    }
    return false;
  }

  /** The manifest of a tag; undefined: there is none. */
  async #tagged(tag: string): Promise<Buffer | undefined> {
    const head = await this.#session.send(`manifests/${tag}`, { method: 'HEAD', headers: { accept: '*/*' } });
    await head.discard();
    if (head.status !== 200) return undefined;
    return (await fetchManifest(this.#session, tag, `${this.#name}:${tag}`)).bytes;
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

/** Of a list that does not say what its manifests are, all are looked at. */
function mayHold(type: string | undefined): boolean {
  if (type === undefined || /empty|image\.config|container\.image/.test(type)) return true;
  return kindOfType(type) !== undefined || isEnvelopeType(type);
}

/** cosign, in-toto and Sigstore have a name each for it. */
function predicateTypes(annotations: Link['annotations']): string[] {
  return ['predicateType', 'in-toto.io/predicate-type', 'dev.sigstore.bundle.predicateType'].flatMap(
    (key) => annotations?.[key] ?? [],
  );
}

/** How tags name a digest. */
export function tagOf(digest: string): string {
  return digest.replace(':', '-');
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
