/** Fetches the advisories of an rpm repository: `repodata/repomd.xml` says where they are, and their checksum. */
import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import { childOf, readXmlRecords, type XmlElement } from '../../../formats/xml/records.ts';
import type { HttpResponse } from '../../../lib/http-response.ts';

/** Where it is if repomd.xml does not say, or names a packing that is not read here. */
const USUAL_PLACE = 'repodata/updateinfo.xml.gz';

/** Names that createrepo writes as `type` of a checksum -> those of the hash functions. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5'],
  ['sha', 'sha1'],
  ['sha1', 'sha1'],
  ['sha224', 'sha224'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
]);

/** The file of advisories, plain or packed by gzip, xz, zstd or bzip2. */
export interface UpdateInfo {
  /** As repomd.xml writes it. */
  readonly checksum: string;
  readonly path: string;
}

/** Fetches it if its checksum is not `known`. Throws `feed` if the repository has none, or another than it says. */
export async function fetchUpdateInfo(
  repository: string,
  known: string,
  context: FeedContext,
): Promise<UpdateInfo | 'unchanged'> {
  const base = repository.endsWith('/') ? repository : `${repository}/`;
  const data = await findData(base, 'updateinfo', context);
  const checksum = childOf(data, 'checksum')?.text.trim() ?? '';
  if (checksum === '') throw new AppError('feed', `${base}repodata/repomd.xml names no updateinfo`);
  if (checksum === known) return 'unchanged';
  const place = childOf(data, 'location')?.attributes.href ?? '';
  const isReadable = /\.(?:xml|gz|xz|zst|bz2)$/.test(place) && URL.canParse(place, base);
  for (const href of new Set(isReadable ? [place, USUAL_PLACE] : [USUAL_PLACE])) {
    const response = await context.request(new URL(href, base).href);
    if (response.status !== 200) {
      await response.discard();
      continue;
    }
    // The checksum says nothing about a file that repomd.xml does not name.
    return { checksum, path: await keep(response, href === place ? data : undefined, context) };
  }
  throw new AppError('feed', `${base} does not have the updateinfo that its repomd.xml names`);
}

/** Fetches the documents of its modules. undefined: it has none. Throws `feed` if they are not there, or others than it says. */
export async function fetchModules(repository: string, context: FeedContext): Promise<string | undefined> {
  const base = repository.endsWith('/') ? repository : `${repository}/`;
  const data = await findData(base, 'modules', context);
  const place = childOf(data, 'location')?.attributes.href ?? '';
  if (place === '' || !URL.canParse(place, base)) return undefined;
  const response = await context.request(new URL(place, base).href);
  if (response.status === 200) return keep(response, data, context);
  await response.discard();
  throw new AppError('feed', `${response.url} returned status ${response.status}`);
}

/** What repomd.xml says of the file of a type. */
async function findData(base: string, type: string, context: FeedContext): Promise<XmlElement | undefined> {
  const url = new URL('repodata/repomd.xml', base).href;
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `${url} returned status ${response.status}`);
  }
  const text = await response.text();
  const isData = (ancestors: readonly string[], name: string) => name === 'data' && ancestors.length === 1;
  for await (const data of readXmlRecords(Readable.from([Buffer.from(text)]), url, isData)) {
    if (data.attributes.type === type) return data;
  }
  return undefined;
}

// differs: a file that is not what repomd.xml says, truncated or of another day, is not taken (clair-matching.md#amazon-linux)
async function keep(
  { url, body }: HttpResponse,
  data: XmlElement | undefined,
  context: FeedContext,
): Promise<string> {
  const sum = childOf(data, 'checksum');
  const algorithm = HASHES.get(sum?.attributes.type?.toLowerCase() ?? '');
  if (algorithm === undefined) return context.spool(body);
  const hash = createHash(algorithm);
  const path = await context.spool(Readable.from(hashed(body, hash), { objectMode: false }));
  // A server that calls the packing a Content-Encoding has had it undone: then it is the other checksum.
  const wanted = [sum, childOf(data, 'open-checksum')].map((element) => element?.text.trim().toLowerCase());
  if (!wanted.includes(hash.digest('hex'))) {
    throw new AppError('feed', `${url} does not have the checksum that repomd.xml says`);
  }
  return path;
}

async function* hashed(body: Readable, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    yield chunk;
  }
}
