/** Places that have the same: asked one after another until one answers. */
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';

/** More mirrors than that are not tried. */
const MAX_MIRRORS = 32;

/** The mirrors in the list at `url`, a URL in a line each, also relative to the list; `base` stands for scheme and host of each. */
export async function listMirrors(
  url: string,
  base: string | undefined,
  context: FeedContext,
): Promise<readonly string[]> {
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `the list of mirrors ${url} returned status ${response.status}`);
  }
  const lines = (await response.text()).split(/\r?\n/).map((line) => line.trim());
  const mirrors = lines.flatMap((line) => {
    if (line === '' || line.startsWith('#') || !URL.canParse(line, url)) return [];
    const { protocol, pathname, href } = new URL(line, url);
    if (protocol !== 'http:' && protocol !== 'https:') return [];
    return base === undefined ? [href] : [`${base.replace(/\/+$/, '')}${pathname}`];
  });
  if (mirrors.length === 0) throw new AppError('feed', `the list of mirrors ${url} names none`);
  return mirrors.slice(0, MAX_MIRRORS);
}

/** What the first place in order that has it gives. Throws `feed` with all reasons; `what` names the places. */
export async function firstOf<T>(
  places: readonly string[],
  what: string,
  context: FeedContext,
  ask: (place: string) => Promise<T>,
): Promise<T> {
  const reasons: string[] = [];
  for (const place of places) {
    try {
      return await ask(place);
    } catch (error) {
      context.signal.throwIfAborted();
      reasons.push(messageOf(error));
    }
  }
  throw new AppError('feed', `${what} could be read: ${reasons.join('; ')}`);
}
