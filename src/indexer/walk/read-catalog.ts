/** What a registry says that it has: its repositories and their tags, page by page (OCI distribution-spec, Docker's `_catalog`). */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { failure } from '../../image/registry/fetch-document.ts';
import {
  openRegistrySession,
  type RegistrySession,
  type RegistrySessionOptions,
} from '../../image/registry/session.ts';
import type { RegistryResponse } from '../../image/registry/transport.ts';

const PAGE_BYTES = 4 * 1024 * 1024;
const MAX_PAGES = 10_000;
const MAX_TAGS = 100_000;
const NAMES = z.array(z.string().max(1000)).max(100_000).nullish();
const Repositories = z.object({ repositories: NAMES });
const Tags = z.object({ tags: NAMES });

/** The repositories after `after` (undefined: all), in the order of the registry. Throws `bad-target`. */
export async function* readCatalog(
  host: string,
  options: RegistrySessionOptions,
  after: string | undefined,
): AsyncGenerator<string> {
  await using session = await openRegistrySession(
    { host, repository: '' },
    { ...options, access: 'catalog' },
  );
  const last = after === undefined ? '' : `&last=${encodeURIComponent(after)}`;
  const start = new URL(`/v2/_catalog?n=100${last}`, session.address('').url);
  for await (const page of readPages(session, start, `${host}: list of repositories`)) {
    for (const repository of parse(Repositories, page, host).repositories ?? []) yield repository;
  }
}

/** The tags of the session's repository. Throws `bad-target`, also if there are too many. */
export async function readTags(session: RegistrySession, name: string): Promise<string[]> {
  const tags: string[] = [];
  const { url } = session.address('tags/list?n=1000');
  for await (const page of readPages(session, url, `${name}: list of tags`)) {
    tags.push(...(parse(Tags, page, name).tags ?? []));
    if (tags.length > MAX_TAGS) throw new AppError('bad-target', `${name} has more than ${MAX_TAGS} tags`);
  }
  return tags;
}

/** Follows `Link: <…>; rel="next"`, within the host. */
async function* readPages(session: RegistrySession, start: URL, name: string): AsyncGenerator<Buffer> {
  let url: URL | undefined = start;
  const seen = new Set<string>();
  for (let pages = 0; url !== undefined; pages++) {
    if (pages === MAX_PAGES || seen.has(url.href))
      throw new AppError('bad-target', `${name} does not end: stopped after ${pages} pages`);
    seen.add(url.href);
    // The first answer tells by which protocol the host is spoken to.
    const answer: RegistryResponse = await session.send(url, {});
    if (answer.status !== 200)
      throw await failure(answer, name, { 404: 'not supported by the registry (404)' });
    yield await answer.read(PAGE_BYTES);
    url = nextOf(answer);
  }
}

function nextOf(answer: RegistryResponse): URL | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(answer.header('link')) ?? [];
  const next = target === undefined ? null : URL.parse(target, answer.url.href);
  return next === null || next.origin !== answer.url.origin ? undefined : next;
}

function parse<T>(schema: z.ZodType<T>, page: Buffer, name: string): T {
  try {
    return schema.parse(JSON.parse(page.toString('utf8')));
  } catch (cause) {
    throw new AppError('bad-target', `${name}: the registry answered with a list that cannot be read`, {
      cause,
    });
  }
}
