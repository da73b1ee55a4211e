/** Which releases Debian has now: the folders of a mirror's `dists/` and the Release file in each. */

import type { FeedContext } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { inFolder } from '../../feeds/in-folder.ts';
import { readDeb822 } from '../../formats/os/deb822.ts';
import type { Distribution } from '../../model/package.ts';
import { debianRelease, numberOfDebian } from './releases.ts';

/** Folders of `dists/` that are suites of a release, or names for whatever release is in that state now. */
const NOT_A_RELEASE = /-|Debian|sid|stable|testing|experimental|README|updates|backports/;

const FOLDER = /href\s*=\s*["']?(?:[^"'\s>]*\/dists\/|\.\/)?([A-Za-z][\w-]*)\/["'\s>]/gi;
const MAX_LISTING = 1024 * 1024;
const MAX_FOLDERS = 100;
/** The fields that count are the first ones; the checksums that follow have megabytes. */
const HEAD_SIZE = 512;

const FIELDS: ReadonlySet<string> = new Set(['version', 'codename', 'suite']);

/**
 * The releases by code name. One that cannot be read is a problem, the others are kept. Throws `feed` if the list of
 * folders cannot be had, or names no release that can be read.
 */
export async function discoverDebianReleases(
  mirror: string,
  context: FeedContext,
): Promise<Map<string, Distribution>> {
  const url = inFolder(mirror, 'debian/dists/');
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError(
      'feed',
      `debian: ${url} answered ${response.status}; set mirror_url to a mirror of Debian`,
    );
  }
  const listing = await response.text(MAX_LISTING);
  const folders = new Set(
    [...listing.matchAll(FOLDER)].map(([, name]) => name!).filter((name) => !NOT_A_RELEASE.test(name)),
  );

  const releases = new Map<string, Distribution>();
  for (const codeName of [...folders].slice(0, MAX_FOLDERS)) {
    const release = await readRelease(inFolder(url, `${codeName}/Release`), codeName, context);
    if (release !== undefined) releases.set(codeName, release);
  }
  if (releases.size === 0)
    throw new AppError('feed', `debian: no release of Debian is at ${url}; set mirror_url to a mirror`);
  return releases;
}

/** undefined: not a release that images can be of. */
async function readRelease(
  url: string,
  codeName: string,
  context: FeedContext,
): Promise<Distribution | undefined> {
  try {
    const head = await readHead(url, context);
    const [stanza] = readDeb822(head, FIELDS);
    const version = stanza?.fields.get('version') ?? '';
    const [, number] = /^(\d+)\./.exec(version) ?? [];
    if (number !== undefined) return debianRelease(number, codeName);
    // differs: testing has no version yet, its advisories are kept under its code name (clair-indexing.md#unknown-distributions)
    if (version === '' && stanza?.fields.get('suite') === 'testing') return debianRelease('', codeName);
    if (version === '') context.problem({ where: url, reason: 'it names no Version' });
    return undefined; // e.g. 12-updates
  } catch (error) {
    const known = numberOfDebian(codeName);
    context.problem({ where: url, reason: messageOf(error) });
    return known === undefined ? undefined : debianRelease(known, codeName);
  }
}

async function readHead(url: string, context: FeedContext): Promise<Buffer> {
  const response = await context.request(url, { headers: { range: `bytes=0-${HEAD_SIZE - 1}` } });
  if (response.status !== 200 && response.status !== 206) {
    await response.discard();
    throw new AppError('feed', `${url} answered ${response.status}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk as Buffer);
    if ((length += (chunk as Buffer).length) >= HEAD_SIZE) break; // a server that does not know ranges sends all of it
  }
  return Buffer.concat(chunks).subarray(0, HEAD_SIZE);
}
