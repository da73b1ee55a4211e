/** Keeps the feeds current: an update at once, then whenever a feed is due or somebody asks for one. */
import { once } from 'node:events';
import { messageOf } from '../../errors.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import { type FeedResult, shareRounds, type UpdateOptions } from './update-feeds.ts';
import { createUpdateRequests, type UpdateRequest, type UpdateRequests } from './update-requests.ts';
import { type UpdaterConfig, updaterWarnings } from './updater-warnings.ts';

export interface FeedLoopOptions extends UpdateOptions {
  /** `matcher.period` in ms. */
  readonly period: number;
  readonly log: Log;
  /** Updates that are asked for beside the period. */
  readonly requests?: UpdateRequests;
  /** `updaters.filter`, to be warned of. */
  readonly filter?: string | undefined;
  readonly now?: () => Date;
}

/** What the loop needs of a matcher. */
export interface Updater {
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
  /** The names that `updaters.sets` may have. */
  knownSets?(): readonly string[];
}

/** ms between two updates at least, and where nobody knows when a feed is due: the database may be away. */
const PAUSE = 10_000;
const RETRY = 60_000;
/** Another replica is at it: by then it is done, or gone. */
const BUSY = 5 * 60_000;
/** A timer holds no longer than 24 days. */
const LONGEST = 24 * 3600 * 1000;

/** Each set by itself: one that is slow, or far away, holds up no other. Ends when the signal is aborted; never throws. */
export async function feedLoop(
  matcher: Updater,
  { log, requests = createUpdateRequests(), filter, now = () => new Date(), ...options }: FeedLoopOptions,
): Promise<void> {
  const { sets: wanted, retention, signal } = options;
  warn(matcher, { sets: wanted, filter }, log);
  const parts = { matcher, log, now, requests, rounds: createRounds(log) };
  const names = matcher.knownSets?.().filter((name) => wanted?.includes(name) ?? true);
  if (names === undefined) return await setLoop(parts, options);
  await using resources = new AsyncDisposableStack();
  const shared = names.length === 0 ? undefined : resources.use(await shareRounds(undefined));
  const { retention: _, ...own } = options;
  await Promise.all([
    ...names.map((set) => setLoop(parts, { ...own, sets: [set], ...(shared && { shared }) }, set)),
    ...(retention ? [setLoop({ ...parts, requests: createUpdateRequests() }, { ...options, sets: [] })] : []),
  ]);
  if (names.length === 0 && !retention && !signal.aborted) await once(signal, 'abort');
}

interface LoopParts {
  readonly matcher: Updater;
  readonly log: Log;
  readonly now: () => Date;
  readonly requests: UpdateRequests;
  readonly rounds: Rounds;
}

async function setLoop(
  { matcher, log, now, requests, rounds }: LoopParts,
  options: UpdateOptions & { readonly period: number },
  set?: string,
): Promise<void> {
  const { period, signal } = options;
  const listener = requests.listen(set);
  let request: UpdateRequest | undefined;
  while (!signal.aborted) {
    const update = request === undefined ? { onlyDue: true } : { only: request.only };
    let wait = Math.min(RETRY, period);
    let results: FeedResult[] = [];
    listener.running = true;
    rounds.begin();
    try {
      results = await matcher.updateFeeds({ ...options, ...update });
      if (set !== undefined) log.info('feed set updated', { set, ...counted(results) });
      // Of the others nobody knows when they are due: that is asked next.
      wait = request === undefined ? waitOf(results, now(), period) : Math.min(PAUSE, period);
    } catch (error) {
      if (!signal.aborted)
        log.error('update of the feeds failed', { ...(set && { set }), reason: messageOf(error) });
    }
    listener.running = false;
    rounds.end(results);
    request = await listener.next(wait, signal);
  }
}

/** How long until the first of these feeds is due, in ms; a little more by chance, so that replicas drift apart. */
export function waitOf(
  results: readonly FeedResult[],
  now: Date,
  period: number,
  random: () => number = Math.random,
): number {
  const waits = results.map(({ state, nextTry }) => {
    if (nextTry !== undefined) return nextTry.getTime() - now.getTime();
    return state === 'busy' ? BUSY : RETRY;
  });
  const wait = Math.max(Math.min(period, LONGEST, ...waits), Math.min(PAUSE, period));
  return wait * (1 + 0.05 * random());
}

/** Tells once what all sets did that were updated beside each other: when the last of them has come to rest. */
interface Rounds {
  begin(): void;
  end(results: readonly FeedResult[]): void;
}

function createRounds(log: Log): Rounds {
  let running = 0;
  let results: FeedResult[] = [];
  return {
    begin() {
      running++;
    },
    end(more) {
      results.push(...more);
      if (--running > 0) return;
      log.info('feeds updated', counted(results));
      results = [];
    },
  };
}

function counted(results: readonly FeedResult[]): LogFields {
  const count = Object.groupBy(results, ({ state }) => state);
  return {
    updated: count.updated?.length ?? 0,
    unchanged: count.unchanged?.length ?? 0,
    failed: count.failed?.map(({ name }) => name) ?? [],
    busy: count.busy?.length ?? 0,
    current: count.current?.length ?? 0,
  };
}

function warn(matcher: Updater, config: UpdaterConfig, log: Log): void {
  for (const reason of updaterWarnings(config, matcher.knownSets?.()))
    log.warn('updater setting without effect', { reason });
}
