/** The matcher as a service: database, feeds, routes. */
import { ecosystems } from '../ecosystems/index.ts';
import { enrichers } from '../enrichers/index.ts';
import { createSlots } from '../http/slots.ts';
import { measuredMatcher, tellUpdates } from '../introspection/metrics/measured-engines.ts';
import type { ConsoleContext, Deliveries } from '../matcher/console/context.ts';
import { createSeen } from '../matcher/console/store/seen.ts';
import { keepUp } from '../matcher/console/upkeep.ts';
import { createMatcher, type IndexerClient, type Matcher } from '../matcher/matcher.ts';
import { fixedOnlyScopes } from '../matcher/matching/fixed-only.ts';
import { unknownMatchers, wantedMatchers } from '../matcher/matching/wanted-matchers.ts';
import { databaseLoop } from '../matcher/published/database-loop.ts';
import { chosen, feedRoutes, requireUpdatable } from '../matcher/routes/feeds.ts';
import { matchReportRoutes } from '../matcher/routes/match-report.ts';
import { updateDiffRoutes } from '../matcher/routes/update-diff.ts';
import { updateOperationRoutes } from '../matcher/routes/update-operation.ts';
import { vulnerabilityReportRoutes } from '../matcher/routes/vulnerability-report.ts';
import { feedLoop } from '../matcher/updating/feed-loop.ts';
import { createUpdateRequests, updateOnSignal } from '../matcher/updating/update-requests.ts';
import { MATCHER_SCHEMA } from '../schemas.ts';
import { callersOf, mountConsole } from './console.ts';
import { reportExporter } from './export-report.ts';
import { openDatabase } from './open-database.ts';
import type { Part, PartContext } from './part.ts';

export interface MatcherPart extends Part {
  readonly matcher: Matcher;
}

/** `notifier`: of this process as soon as it is there, or the one that the configuration names. */
export async function matcherPart(
  context: PartContext,
  indexer: IndexerClient,
  notifier: () => Deliveries | undefined = () => undefined,
): Promise<MatcherPart> {
  await using resources = new AsyncDisposableStack();
  const { config, log, now, signal, metrics } = context;
  const { cache_age: cacheAge, period, disable_enrichment, disable_updaters, database } = config.matcher;
  const db = resources.use(await openDatabase('matcher', MATCHER_SCHEMA, config.matcher, context));
  const sets = disable_updaters ? [] : (config.updaters.sets ?? undefined);
  const wanted = wantedMatchers(ecosystems, config.matchers?.names);
  const enriching = disable_enrichment ? [] : enrichers;
  const unmeasured = createMatcher({
    db,
    ecosystems: wanted,
    fixedOnly: fixedOnlyScopes(ecosystems, config.matchers?.config),
    enrichers: enriching,
    triage: config.matcher.triage,
    shownEnrichers: config.matcher.enrichments,
    indexer,
    now,
    log,
    loads: (set) => sets?.includes(set) ?? true,
  });
  const matcher = measuredMatcher(unmeasured, metrics, now);
  tellUpdates(!disable_updaters, metrics);
  const unknown = unknownMatchers(ecosystems, config.matchers?.names ?? []);
  if (unknown.length > 0) log.warn('matchers.names has names that there are not', { unknown });
  const { filter } = config.updaters;
  const hasConsole =
    config.matcher.console ?? config.matcher.ui ?? !(config.auth?.psk || config.auth?.keyserver);
  const seen = createSeen();
  const requests = createUpdateRequests();
  resources.use(updateOnSignal(requests));
  const owned = resources.move();
  return {
    db,
    matcher,
    mount(app) {
      const noted = hasConsole ? { onAsked: (digest: string) => seen.note(digest, now()) } : {};
      vulnerabilityReportRoutes(app, matcher, { cacheAge: cacheAge ?? period, ...noted });
      matchReportRoutes(app, matcher, createSlots());
      updateOperationRoutes(app, matcher);
      updateDiffRoutes(app, matcher);
      feedRoutes(app, matcher, { requests, updaters: { sets, filter } });
      if (hasConsole) mountConsole(app, consoleContext());
    },
    async run() {
      await Promise.all([
        database && !disable_updaters ? loadPublished() : askFeeds(),
        hasConsole && keepConsole(),
      ]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  function keepConsole(): Promise<void> {
    const names = enriching.map(({ name }) => name);
    return keepUp({ db, matcher, indexer, ecosystems: wanted, enrichers: names, seen, now, log }, signal);
  }

  function consoleContext(): ConsoleContext {
    return {
      ...{ db, matcher, ecosystems: wanted, now, sets, triage: config.matcher.triage },
      callerOf: callersOf(config.auth),
      exportReport: reportExporter({ db, matcher, indexer, ecosystems: wanted, now }),
      operator: {
        isUpdating: () => requests.running,
        async update(only) {
          await requireUpdatable(matcher, sets, only);
          requests.request(only === undefined ? undefined : chosen(only));
        },
        notifier,
      },
    };
  }

  function askFeeds(): Promise<void> {
    return feedLoop(matcher, {
      period,
      sets,
      filter,
      requests,
      now,
      config: config.updaters.config,
      retention: config.matcher.update_retention,
      signal,
      log,
    });
  }

  function loadPublished(): Promise<void> {
    const { repository, key, interval } = database!;
    return databaseLoop(
      { db, ecosystems, enrichers, now },
      {
        repository,
        key,
        interval,
        sets,
        config: config.updaters.config,
        retention: config.matcher.update_retention,
        requests,
        log,
        signal,
      },
    );
  }
}
