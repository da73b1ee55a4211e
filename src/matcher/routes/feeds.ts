/** `internal/feeds`: how every feed is, and an update now. Not Clair's: docs/explanation/how-feeds-are-updated.md. */

import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { readOptionalBody } from '../../http/json-body.ts';
import { operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { FeedSelection, Feeds } from '../../model/api/updates.ts';
import type { FeedChoice } from '../console/context.ts';
import type { Matcher } from '../matcher.ts';
import { feedStatusToWire } from '../updating/feed-status-wire.ts';
import type { UpdateRequests } from '../updating/update-requests.ts';
import { type UpdaterConfig, updaterWarnings } from '../updating/updater-warnings.ts';

export const FEEDS = operation({
  method: 'GET',
  path: '/matcher/api/v1/internal/feeds',
  tag: 'matcher',
  id: 'feeds',
  summary: 'State of all feeds. Not in Clair.',
  answers: { 200: { description: 'The feeds.', schema: Feeds } },
});

export const UPDATE_FEEDS = operation({
  method: 'POST',
  path: '/matcher/api/v1/internal/feeds/update',
  tag: 'matcher',
  id: 'updateFeeds',
  summary: 'Starts a feed update. Not in Clair.',
  body: { schema: FeedSelection, description: 'Empty: all feeds.' },
  answers: { 202: { description: 'The update is queued.' } },
  errors: { 'bad-request': true },
});

export interface FeedRoutesOptions {
  /** Of the feed loop. */
  readonly requests: Pick<UpdateRequests, 'request' | 'running'>;
  /** The stanza `updaters`; its sets [] where `matcher.disable_updaters` is set. */
  readonly updaters: UpdaterConfig;
}

/** `GET internal/feeds` and `POST internal/feeds/update`. */
export function feedRoutes(
  app: FastifyInstance,
  matcher: Pick<Matcher, 'feedStatus' | 'knownSets'>,
  { requests, updaters }: FeedRoutesOptions,
): void {
  serve(app, FEEDS, async (_request, reply, { type }) => {
    const feeds = (await matcher.feedStatus()).map(feedStatusToWire);
    const warnings = updaterWarnings(updaters, matcher.knownSets());
    return reply.type(type).send(JSON.stringify({ updating: requests.running, warnings, feeds }));
  });

  serve(app, UPDATE_FEEDS, async (request, reply) => {
    const only = readSelection(request.body);
    await requireUpdatable(matcher, updaters.sets ?? undefined, only);
    requests.request(only);
    return reply.code(202).send();
  });
}

/** Throws `bad-request` for sets and feeds that are unknown, or that the configuration has disabled. `on`: the sets that are loaded; undefined: all. */
export async function requireUpdatable(
  matcher: Pick<Matcher, 'feedStatus' | 'knownSets'>,
  on: readonly string[] | undefined,
  { sets = [], feeds = [] }: FeedChoice = {},
): Promise<void> {
  if (on?.length === 0) {
    const keys = 'matcher.disable_updaters, or updaters.sets: []';
    throw new AppError('bad-request', `updates are disabled by the configuration (${keys})`);
  }
  const known = matcher.knownSets();
  const isOn = (set: string): boolean => on?.includes(set) ?? true;
  for (const set of sets) {
    if (!known.includes(set)) throw new AppError('bad-request', `unknown feed set "${set}"`);
    if (!isOn(set)) throw new AppError('bad-request', `feed set "${set}" is disabled by the configuration`);
  }
  if (feeds.length === 0) return;
  const status = await matcher.feedStatus();
  for (const name of feeds) {
    const feed = status.find((each) => each.kind !== 'set' && each.name === name);
    if (feed === undefined) throw new AppError('bad-request', `unknown feed "${name}"`);
    if (!isOn(feed.set)) {
      throw new AppError('bad-request', `feed "${name}" is disabled by the configuration`);
    }
  }
}

/** undefined: everything. */
function readSelection(body: unknown): { sets?: string[]; feeds?: string[] } | undefined {
  return chosen(readOptionalBody(FeedSelection, body) ?? {});
}

/** undefined: all. */
export function chosen({ sets, feeds }: FeedChoice): { sets?: string[]; feeds?: string[] } | undefined {
  if (sets === undefined && feeds === undefined) return undefined;
  return { ...(sets && { sets }), ...(feeds && { feeds }) };
}
