/** The advisories of Fedora and EPEL: the updates in the package repository of each release. */
import { z } from 'zod';
import type { FeedContext, FeedSet } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import { EPEL_MAJORS, epelRelease } from '../scopes/epel.ts';
import { numberedRelease } from '../scopes/releases.ts';
import { updatesFeed } from './fedora-updates.ts';

const SetConfig = (url: string, archive: string) =>
  z.object({
    /** Where the repositories of all releases are. */
    url: httpUrl.default(url),
    /** The same of releases that are past their end. */
    archive_url: httpUrl.default(archive),
    /** Where updates are listed that later ones have taken the place of; '': they are not asked for. */
    bodhi_url: z.union([httpUrl, z.literal('')]).default('https://bodhi.fedoraproject.org/'),
  });
const FedoraConfig = SetConfig(
  'https://dl.fedoraproject.org/pub/fedora/linux/updates/',
  'https://archives.fedoraproject.org/pub/archive/fedora/linux/updates/',
);
const EpelConfig = SetConfig(
  'https://dl.fedoraproject.org/pub/epel/',
  'https://archives.fedoraproject.org/pub/archive/epel/',
);

/** The oldest release that is asked for; those before have been without support for years. */
const FIRST = 36;
/** There are two a year, in April and October: 41 in October 2024. */
const [KNOWN, KNOWN_AT] = [41, Date.UTC(2024, 9)];
const HALF_A_YEAR = (365.25 / 2) * 24 * 60 * 60 * 1000;
/** The last release whose modules may have updates; Fedora gave them up. */
const LAST_MODULAR = 39;

/** The updater set `fedora`: a feed for each release that has updates, and for the modules of those that had some. */
export const fedoraFeeds: FeedSet = {
  set: 'fedora',
  async feeds(config, context) {
    const { url, archive_url, bodhi_url } = readFeedConfig('fedora', FedoraConfig, config);
    // One more than is out: its updates begin when its development ends.
    const newest = KNOWN + Math.ceil((context.now().getTime() - KNOWN_AT) / HALF_A_YEAR) + 1;
    const candidates = Array.from({ length: newest - FIRST + 1 }, (_, index) => FIRST + index);
    const listed = candidates.flatMap((number) => [
      { number, of: 'Everything' },
      ...(number <= LAST_MODULAR ? [{ number, of: 'Modular' }] : []),
    ]);
    const found = await Promise.all(
      listed.map(async ({ number, of }) => {
        const places = [url, archive_url].map((base) => inFolder(base, `${number}/${of}/x86_64/`));
        return (await isAnywhere(places, context)) ? [{ number: String(number), of, places }] : [];
      }),
    );
    // Where nobody answers all stay listed: a feed may have a place of its own in the configuration.
    const releases = found.flat();
    if (releases.length === 0)
      throw new AppError(
        'feed',
        `fedora: ${url} has no updates of any release; see updaters.config.fedora.url`,
      );
    return releases.map(({ number, of, places }) => {
      const distribution = numberedRelease('fedora', 'Fedora Linux', number);
      if (of === 'Modular')
        return updatesFeed({
          name: `fedora-${number}-modular-updater`,
          distribution,
          places,
          isModular: true,
        });
      const bodhi = { url: bodhi_url, release: `F${number}` };
      return updatesFeed({ name: `fedora-${number}-updater`, distribution, places, bodhi });
    });
  },
};

/** The only one that had modules. */
const MODULAR_EPEL = '8';

/** The updater set `epel`: a feed for each major release of Red Hat's that it is made for, and for its modules. */
export const epelFeeds: FeedSet = {
  set: 'epel',
  async feeds(config, context) {
    const { url, archive_url, bodhi_url } = readFeedConfig('epel', EpelConfig, config);
    const feeds = EPEL_MAJORS.map((major) => {
      const distribution = epelRelease(major);
      const places = [url, archive_url].flatMap((base) =>
        // The second is how it was up to EPEL 7.
        [`${major}/Everything/x86_64/`, `${major}/x86_64/`].map((path) => inFolder(base, path)),
      );
      // Bodhi has the minor releases of EPEL 10 apart, by names that nobody can know beforehand.
      const bodhi = { url: major === '10' ? '' : bodhi_url, release: `EPEL-${major}` };
      return updatesFeed({ name: `epel-${major}-updater`, distribution, places, bodhi });
    });
    const places = [url, archive_url].map((base) => inFolder(base, `${MODULAR_EPEL}/Modular/x86_64/`));
    if (!(await isAnywhere(places, context))) return feeds;
    const distribution = epelRelease(MODULAR_EPEL);
    const modular = { name: `epel-${MODULAR_EPEL}-modular-updater`, distribution, places };
    return [...feeds, updatesFeed({ ...modular, isModular: true })];
  },
};

/** Whether one of `places` has a repository, or may have one: what nobody answers for stays listed. */
async function isAnywhere(places: readonly string[], context: FeedContext): Promise<boolean> {
  const answers = await Promise.all(places.map((place) => probe(place, context)));
  return answers.some((answer) => answer !== 'missing');
}

/** What another answer than these says is not known: such a release stays listed. */
async function probe(place: string, context: FeedContext): Promise<'there' | 'missing' | 'unknown'> {
  const url = inFolder(place, 'repodata/repomd.xml');
  try {
    const response = await context.request(url, { method: 'HEAD' });
    await response.discard();
    if (response.status === 200) return 'there';
    return response.status === 404 ? 'missing' : 'unknown';
  } catch {
    context.signal.throwIfAborted();
    return 'unknown';
  }
}
