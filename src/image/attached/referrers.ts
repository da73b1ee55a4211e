/** What a registry lists beside a manifest: referrers (OCI distribution-spec 1.1), by the API or by the tag that stands for it. */
import { z } from 'zod';
import { type Digest, tagOf } from '../../model/digest.ts';
import { failure, fetchManifest, MANIFEST_ACCEPT } from '../registry/fetch-document.ts';
import type { RegistrySession } from '../registry/session.ts';
import type { RegistryResponse } from '../registry/transport.ts';
import { DOCUMENT_LIMIT } from '../target/documents.ts';
import { isEnvelopeType, kindOfType } from './attachment.ts';

/** Where it lies, and what messages call it. */
export interface OpenRepository {
  readonly session: RegistrySession;
  /** `HOST/REPOSITORY`. */
  readonly name: string;
}

const Annotations = z.record(z.string(), z.string()).nullish();
export const Link = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  digest: z.string(),
  size: z.number().optional(),
  annotations: Annotations,
});
export type Link = z.infer<typeof Link>;
export const Links = z.object({ manifests: z.array(Link).max(10_000) });
/** A manifest that carries documents. */
export const Carrier = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string().optional() }).optional(),
  layers: z.array(Link).max(1000),
  subject: z.object({ digest: z.string() }).nullish(),
  annotations: Annotations,
});

const PAGES_LIMIT = 20;

export interface Referrers {
  /** Those whose type is nothing that is looked for are left out. */
  readonly links: readonly Link[];
  /** Why a list cannot be used, in words. */
  readonly unusable: readonly string[];
}

/** Throws `bad-target` if the registry cannot be asked. */
export async function referrersOf(repository: OpenRepository, digest: Digest): Promise<Referrers> {
  const { session, name } = repository;
  const found: Link[] = [];
  let next: string | URL | undefined = `referrers/${digest}`;
  for (let page = 0; next !== undefined && page < PAGES_LIMIT; page++) {
    const answer: RegistryResponse = await session.send(next, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    if (answer.status !== 200) {
      if (![400, 404, 405, 501].includes(answer.status)) throw await failure(answer, `${name}@${digest}`);
      await answer.discard();
      return await byTag(repository, digest);
    }
    const links = Links.safeParse(jsonIn(await answer.read(DOCUMENT_LIMIT)));
    if (!links.success) {
      const { links: tagged, unusable } = await byTag(repository, digest);
      const why = `${name}@${digest} is not used: the list of its referrers cannot be read`;
      return { links: tagged, unusable: [why, ...unusable] };
    }
    found.push(...links.data.manifests);
    const [, address]: readonly (string | undefined)[] =
      /^\s*<([^>]+)>\s*;.*\brel="?next"?/.exec(answer.header('link')) ?? [];
    next = address === undefined ? undefined : (URL.parse(address, answer.url.href) ?? undefined);
  }
  return { links: found.filter(({ artifactType }) => mayHold(artifactType)), unusable: [] };
}

async function byTag(repository: OpenRepository, digest: Digest): Promise<Referrers> {
  const tag = tagOf(digest);
  const bytes = await taggedManifest(repository, tag);
  if (bytes === undefined) return { links: [], unusable: [] };
  const links = Links.safeParse(jsonIn(bytes));
  if (!links.success)
    return { links: [], unusable: [`${repository.name}:${tag} is not used: it is no list of referrers`] };
  return { links: links.data.manifests.filter(({ artifactType }) => mayHold(artifactType)), unusable: [] };
}

/** The manifest of a tag; undefined: there is none. */
export async function taggedManifest(
  { session, name }: OpenRepository,
  tag: string,
): Promise<Buffer | undefined> {
  const head = await session.send(`manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: MANIFEST_ACCEPT },
  });
  await head.discard();
  if (head.status !== 200) return undefined;
  return (await fetchManifest(session, tag, `${name}:${tag}`)).bytes;
}

/** Of a list that does not say what its manifests are, all are looked at. */
function mayHold(type: string | undefined): boolean {
  if (type === undefined || /empty|image\.config|container\.image/.test(type)) return true;
  return kindOfType(type) !== undefined || isEnvelopeType(type);
}

/** undefined: it is none. */
export function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
