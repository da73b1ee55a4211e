/** Which releases Ubuntu supports now, by Launchpad's list of series. */
import { z } from 'zod';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { inFolder } from '../../feeds/in-folder.ts';

const Page = z.object({ entries: z.array(z.unknown()), next_collection_link: z.string().optional() });
const Series = z.object({
  active: z.boolean(),
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.string().regex(/^\d+\.\d+$/),
});

/** Launchpad sends 75 series a page, and there are about 45. */
const MAX_PAGES = 10;

/** A release: `jammy`, `22.04`. */
export interface UbuntuSeries {
  readonly name: string;
  readonly version: string;
}

/** The active series of `distribution` (`ubuntu`). A bad entry is a problem. Throws `feed` if there is no list. */
export async function discoverUbuntuSeries(
  api: string,
  distribution: string,
  context: FeedContext,
): Promise<UbuntuSeries[]> {
  const found: UbuntuSeries[] = [];
  let url: string | undefined = inFolder(api, `${encodeURIComponent(distribution)}/series`);
  for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
    const { entries, next_collection_link } = await readPage(url, context);
    for (const [index, entry] of entries.entries()) {
      const series = Series.safeParse(entry);
      if (!series.success) {
        context.problem({
          where: `${url} entry ${index}`,
          reason: series.error.issues[0]?.message ?? 'not readable',
        });
      } else if (series.data.active) found.push({ name: series.data.name, version: series.data.version });
    }
    url = next_collection_link;
  }
  return found;
}

async function readPage(url: string, context: FeedContext): Promise<z.infer<typeof Page>> {
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `ubuntu: ${url} answered ${response.status}; set url to the API of Launchpad`);
  }
  try {
    return Page.parse(JSON.parse(await response.text()));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `ubuntu: ${url} is no list of series: ${messageOf(error)}`, { cause: error });
  }
}
