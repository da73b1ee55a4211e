/**
 * The security updates that a release of Fedora or EPEL ever had, of Bodhi, Fedora's system for updates: a repository has the
 * newest update of each package alone.
 */
import { z } from 'zod';
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import type { Advisory, VulnerabilityText } from '../../../model/advisory.ts';
import type { UpdateRules } from './update-rules.ts';
import { composeText } from './update-text.ts';

/** Rows of a page, and pages: a release of Fedora has some thousand security updates. */
const ROWS = 100;
const MAX_PAGES = 200;

const text = z.string().catch('');
const Build = z.object({ nvr: z.string(), type: z.string().optional(), epoch: z.number().int().nullish() });
const Update = z.object({
  alias: z.string().min(1).max(1000),
  title: text,
  notes: text,
  severity: text,
  date_submitted: text,
  builds: z.array(z.unknown()).catch([]),
  bugs: z.array(z.object({ bug_id: z.number().optional(), title: text }).catch({ title: '' })).catch([]),
});
const Page = z.object({ updates: z.array(z.unknown()), pages: z.number().int().nonnegative() });

export interface BodhiRequest {
  /** Address of Bodhi. */
  readonly url: string;
  /** Its name of a release: `F41`, `EPEL-9`. */
  readonly release: string;
  /** Day from which on updates were pushed, `2026-01-31`; '': all. */
  readonly since: string;
}

/** All advisories of the updates that are asked for. Throws `feed` if a page cannot be had: none is better than some. */
export async function fetchBodhi(
  { url, release, since }: BodhiRequest,
  rules: UpdateRules,
  context: FeedContext,
): Promise<readonly Advisory[]> {
  const advisories: Advisory[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    if (page > MAX_PAGES) throw new AppError('feed', `${url} has more than ${MAX_PAGES} pages of ${release}`);
    const query = new URLSearchParams({
      releases: release,
      status: 'stable',
      type: 'security',
      rows_per_page: String(ROWS),
      page: String(page),
      ...(since !== '' && { pushed_since: since }),
    });
    const read = await fetchPage(new URL(`updates/?${query}`, url).href, context);
    pages = read.pages;
    for (const update of read.updates) advisories.push(...advisoriesOf(update, rules, context));
  }
  return advisories;
}

async function fetchPage(url: string, context: FeedContext): Promise<z.infer<typeof Page>> {
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `${url} returned status ${response.status}`);
  }
  const page = Page.safeParse(parsed(await response.text()));
  if (!page.success) throw new AppError('feed', `${url} has no page of updates`);
  return page.data;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function* advisoriesOf(
  value: unknown,
  rules: UpdateRules,
  context: Pick<FeedContext, 'problem'>,
): Generator<Advisory> {
  const update = Update.safeParse(value);
  if (!update.success) {
    context.problem({ where: 'bodhi', reason: 'an update without a readable alias' });
    return;
  }
  const vulnerability = textOf(update.data, rules);
  for (const each of update.data.builds) {
    const build = Build.safeParse(each);
    if (build.success && (build.data.type ?? 'rpm') !== 'rpm') continue;
    // NAME-VERSION-RELEASE: neither of the last two has a dash.
    const [, name, version] = /^(.{1,1000})-([^-]+-[^-]+)$/.exec(build.data?.nvr ?? '') ?? [];
    if (name === undefined || version === undefined) {
      context.problem({ where: update.data.alias, reason: 'a build without name, version or release' });
      continue;
    }
    const epoch = build.data?.epoch ?? 0;
    const below = epoch > 0 ? `${epoch}:${version}` : version;
    yield { scope: rules.scope, name, kind: 'source', below, fixedInVersion: below, vulnerability };
  }
}

function textOf(
  { alias, title, notes, severity, date_submitted, bugs }: z.infer<typeof Update>,
  rules: UpdateRules,
): VulnerabilityText {
  return composeText(
    {
      name: alias,
      title,
      description: notes,
      severity,
      issued: date_submitted,
      references: bugs.map(({ bug_id, title: bug }) => ({
        title: bug,
        ...(bug_id !== undefined && { href: `https://bugzilla.redhat.com/show_bug.cgi?id=${bug_id}` }),
      })),
    },
    rules,
  );
}
