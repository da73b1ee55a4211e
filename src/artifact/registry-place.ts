/** An artifact in a repository of a registry, read by ranges of its blobs. */

import { failure } from '../image/registry/fetch-document.ts';
import { isTransient } from '../image/registry/http-retry.ts';
import { parseReference, type Reference } from '../image/registry/reference.ts';
import {
  openRegistrySession,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../image/registry/session.ts';
import type { RegistryResponse } from '../image/registry/transport.ts';
import { tagOf } from '../model/digest.ts';
import { INDEX_TYPE, MANIFEST_LIMIT, MANIFEST_TYPE, readIndex } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';
import { wholeBlobs } from './whole-blobs.ts';

const REASONS = { 404: 'there is no such database' };

/** Opens a session; nothing is sent yet. Throws `bad-target`. */
export async function registryPlace(
  text: string,
  defaultTag: string,
  options: RegistrySessionOptions,
): Promise<ArtifactPlace> {
  const reference = referenceOf(text, defaultTag);
  const session = await openRegistrySession(reference, options);
  const name = `${reference.host}/${reference.repository}`;
  const wholes = wholeBlobs();
  const manifest: ArtifactPlace['manifest'] = async (wanted) => {
    const answer = await session.get(`manifests/${wanted}`, { accept: `${MANIFEST_TYPE}, ${INDEX_TYPE}` });
    if (answer.status === 404) {
      await answer.discard();
      return undefined;
    }
    if (answer.status !== 200) throw await failure(answer, `${name}:${wanted}`, REASONS);
    const bytes = await answer.read(MANIFEST_LIMIT);
    return wanted.startsWith('sha256:') ? verified(bytes, wanted, name) : bytes;
  };
  return {
    name,
    reference: reference.digest ?? reference.tag ?? defaultTag,
    manifest,
    async read(digest, from, to) {
      return await persistently(session, async () => {
        const known = wholes.get(digest);
        if (known !== undefined) return (await known).subarray(from, to);
        const answer = await session.get(`blobs/${digest}`, { range: `bytes=${from}-${to - 1}` });
        if (answer.status === 206) return exactly(await answer.read(to - from), to - from, answer);
        if (answer.status !== 200) throw await failure(answer, `${name}: ${digest}`, REASONS);
        // A registry that gives no parts.
        return (await wholes.keep(digest, (limit) => answer.read(limit))).subarray(from, to);
      });
    },
    async referrers(digest) {
      const answer = await session.get(`referrers/${digest}`, { accept: INDEX_TYPE });
      if (answer.status === 200) return readIndex(await answer.read(MANIFEST_LIMIT), `${name}: referrers`);
      await answer.discard();
      const tagged = await manifest(tagOf(digest));
      return tagged === undefined ? [] : readIndex(tagged, `${name}:${tagOf(digest)}`);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** `text` as a reference; without tag and digest it has `defaultTag`. Throws `bad-target`. */
export function referenceOf(text: string, defaultTag: string): Reference {
  const isBare = !text.includes('@') && text.lastIndexOf(':') <= text.lastIndexOf('/');
  return parseReference(isBare ? `${text}:${defaultTag}` : text);
}

/** What broke off is asked for again: a range is no longer than a few megabytes. */
async function persistently<T>(session: RegistrySession, read: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await read();
    } catch (error) {
      if (!(isTransient(error) || error instanceof CutShort) || !(await session.wait(failures))) throw error;
    }
  }
}

class CutShort extends Error {}

function exactly(bytes: Buffer, length: number, { url }: RegistryResponse): Buffer {
  if (bytes.length === length) return bytes;
  throw new CutShort(`${url.host} gave ${bytes.length} of ${length} bytes`);
}
