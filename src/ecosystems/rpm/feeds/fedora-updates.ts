/** The feed of one release of Fedora or EPEL: what its repository says, and what Bodhi has of the updates before. */
import { z } from 'zod';
import type { Feed, FeedContext, Fetched } from '../../../contract/feed.ts';
import { messageOf } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import type { Advisory, Scope } from '../../../model/advisory.ts';
import type { Distribution } from '../../../model/package.ts';
import type { Severity } from '../../../model/severity.ts';
import { modularScope } from '../scopes/fedora-modules.ts';
import { type ModuleBuilds, readModuleBuilds } from '../scopes/module-builds.ts';
import { scopeKeyOf } from '../scopes/releases.ts';
import { rpmVersions } from '../scopes/version.ts';
import { type BodhiRequest, fetchBodhi } from './bodhi.ts';
import { firstOf } from './mirrors.ts';
import type { UpdateRules } from './update-rules.ts';
import { fetchModules, fetchUpdateInfo } from './updateinfo.ts';
import { readUpdates } from './updates.ts';

const FeedConfig = z.object({ url: httpUrl.optional() });

/** Words of Bodhi, Fedora's system for updates, and of Bugzilla. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['low', 'Low'],
  ['moderate', 'Medium'],
  ['medium', 'Medium'],
  ['important', 'High'],
  ['high', 'High'],
  ['critical', 'Critical'],
  ['urgent', 'Critical'],
]);

/** A release whose repository is in one of `places`; that of any architecture lists what was built for all. */
export interface UpdatedRelease {
  readonly name: string;
  readonly distribution: Distribution;
  readonly places: readonly string[];
  /** Where Bodhi is, and its name of the release; undefined: it has nothing that its repository has not. */
  readonly bodhi?: Pick<BodhiRequest, 'url' | 'release'>;
  /** Whether it is the repository of the modules of the release. */
  readonly isModular?: true;
}

/** The feed of a release. */
export function updatesFeed({ name, distribution, places, bodhi, isModular }: UpdatedRelease): Feed {
  const release: Scope = { key: scopeKeyOf(distribution)!, distribution };
  const scope = isModular ? modularScope(release) : release;
  const rules: UpdateRules = {
    feed: name,
    scope: scope.key,
    severities: SEVERITIES,
    isMixed: true,
    listsBuilds: true,
    dated: true,
    pageOf: (id) => `https://bodhi.fedoraproject.org/updates/${encodeURIComponent(id)}`,
  };
  return {
    name,
    scopes: [scope],
    versions: rpmVersions,
    async fetch(fingerprint, config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const { url } = readFeedConfig(name, FeedConfig, config);
      const [known = '', since = ''] = fingerprint.split(' ');
      const found = await firstOf(
        url === undefined ? places : [url],
        `${name}: no repository`,
        context,
        async (place) => {
          const info = await fetchUpdateInfo(place, known, context);
          if (info === 'unchanged') return info;
          return { ...info, modules: isModular && (await modulesOf(place, name, context)) };
        },
      );
      if (found === 'unchanged') return found;
      const read = { ...rules, ...(found.modules && { modules: found.modules }) };
      const superseded = await supersededSince(since, bodhi, rules, context);
      const names = new Set<string>();
      return {
        fingerprint: `${found.checksum} ${superseded.until}`.trim(),
        records: joined(readUpdates(found.path, read, context), superseded.advisories, names),
        // A repository has the newest update of each package alone. A later one that fixes nothing more must not take away
        // what is known of the vulnerability that an earlier one has fixed.
        partial: { names },
      };
    },
  };
}

async function modulesOf(place: string, feed: string, context: FeedContext): Promise<ModuleBuilds> {
  const path = await fetchModules(place, context);
  return path === undefined ? new Map() : readModuleBuilds(path, feed);
}

/** Two days, so that no change of clocks and no delay of Bodhi's loses an update. */
const OVERLAP = 2 * 24 * 60 * 60 * 1000;

/** What Bodhi has since the day of the last time. Without it, what the repository says stands, and the next change asks again. */
async function supersededSince(
  since: string,
  bodhi: UpdatedRelease['bodhi'],
  rules: UpdateRules,
  context: FeedContext,
): Promise<{ readonly advisories: readonly Advisory[]; readonly until: string }> {
  if (bodhi === undefined || bodhi.url === '') return { advisories: [], until: since };
  const until = new Date(context.now().getTime() - OVERLAP).toISOString().slice(0, 10);
  try {
    return { advisories: await fetchBodhi({ ...bodhi, since }, rules, context), until };
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = `updates before the newest of each package are not known: ${messageOf(error)}`;
    context.problem({ where: 'bodhi', reason });
    return { advisories: [], until: since };
  }
}

/** What the repository says, then of `others` what it does not. */
async function* joined(
  advisories: AsyncIterable<Advisory>,
  others: readonly Advisory[],
  names: Set<string>,
): AsyncGenerator<Advisory> {
  for await (const advisory of advisories) {
    names.add(advisory.vulnerability.name);
    yield advisory;
  }
  const more = others.filter(({ vulnerability }) => !names.has(vulnerability.name));
  for (const advisory of more) {
    names.add(advisory.vulnerability.name);
    yield advisory;
  }
}
