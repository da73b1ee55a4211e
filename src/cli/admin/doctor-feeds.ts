/** Asks each address of a feed once, fallbacks too: HEAD, or the first byte where a server does not take that. */
import type { Config } from '../../config/schema.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import type { HttpResponse } from '../../lib/http-response.ts';
import { redact } from '../../lib/redact.ts';
import { createFeedContext } from '../../matcher/updating/feed-context.ts';
import { type DoctorCheck, type DoctorState, remedyOf } from './doctor-check.ts';

export interface ProbeOptions {
  readonly config: Config['updaters'];
  /** Sets that are probed; undefined: those of the configuration. */
  readonly only?: readonly string[];
  readonly http: HttpClient;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress?: (name: string) => void;
}

/** ms that the list of a set, and one feed, may take. */
const PATIENCE = 60_000;
/** Sets that are probed at the same time; the client paces requests to each host. */
const AT_ONCE = 8;

export interface Probe {
  readonly name: string;
  readonly ask: (context: FeedContext) => Promise<unknown>;
}

/** Most addresses of one feed: the first, and those that it requests where that has no answer. */
const MOST_ADDRESSES = 4;

/** Ends a fetch after each question: a feed with fallbacks asks the next one then. */
class Asked extends Error {}

/** One check for each feed, or for a set whose feeds cannot be listed; in the order of their names. */
export async function probeFeeds(options: ProbeOptions): Promise<DoctorCheck[]> {
  const { config, only } = options;
  const wanted = only ?? config.sets ?? undefined;
  const isWanted = (set: string): boolean => wanted?.includes(set) ?? true;
  const sets = new Map<string, { feeds: (context: FeedContext) => Promise<Probe[]> }[]>();
  for (const { feeds } of ecosystems) {
    for (const member of feeds.filter(({ set }) => isWanted(set))) {
      const list = async (context: FeedContext): Promise<Probe[]> =>
        (await member.feeds(config.config[member.set], context)).map((feed) => ({
          name: feed.name,
          ask: (inner) => feed.fetch('', config.config[feed.name], inner),
        }));
      sets.set(member.set, [...(sets.get(member.set) ?? []), { feeds: list }]);
    }
  }
  for (const enricher of enrichers.filter(({ name }) => isWanted(name))) {
    const probe: Probe = {
      name: enricher.name,
      ask: (inner) => enricher.fetch('', config.config[enricher.name], inner),
    };
    sets.set(enricher.name, [{ feeds: async () => [probe] }]);
  }
  const queue = [...sets];
  const found: DoctorCheck[] = [];
  const answers = new Map<string, Promise<HeadAnswer>>();
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [set, members] = next;
      for (const { feeds } of members) found.push(...(await probeSet(set, feeds, answers, options)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function probeSet(
  set: string,
  list: (context: FeedContext) => Promise<Probe[]>,
  answers: Map<string, Promise<HeadAnswer>>,
  { http, now, signal, onProgress }: ProbeOptions,
): Promise<DoctorCheck[]> {
  onProgress?.(set);
  let probes: Probe[];
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    await using context = createFeedContext({ source: set, http, now, signal: limited });
    probes = await list(context);
  } catch (error) {
    signal.throwIfAborted();
    const detail = `its feeds cannot be listed: ${redact(messageOf(error))}`;
    return [{ kind: 'feed', name: set, state: 'failed', detail, remedy: remedyOf(detail, addressOf(set)) }];
  }
  const checks: DoctorCheck[] = [];
  for (const probe of probes) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const ask = (url: string): Promise<HeadAnswer> => {
      const known = answers.get(url) ?? head(http, url, limited);
      answers.set(url, known);
      return known;
    };
    checks.push(await probeFeed(set, probe, ask, { now, signal: limited }));
    signal.throwIfAborted();
  }
  return checks;
}

export interface HeadAnswer {
  readonly url: string;
  readonly status: number;
  readonly size: string;
}

/** What became of one address. */
interface Asking {
  readonly url: string;
  readonly answer?: HeadAnswer;
  /** Why it does not work; undefined: it does. */
  readonly reason?: string;
  /** There is an answer: nothing is there. */
  readonly missing?: boolean;
}

/** One check of all addresses that a feed asks, by `head`. */
export async function probeFeed(
  set: string,
  { name, ask }: Probe,
  head: (url: string) => Promise<HeadAnswer>,
  { now, signal }: Pick<FeedContext, 'now' | 'signal'>,
): Promise<DoctorCheck> {
  const asked: Asking[] = [];
  const context: FeedContext = {
    now,
    signal,
    problem: () => {},
    spool: () => Promise.reject(new Asked()),
    async request(url) {
      if (asked.length < MOST_ADDRESSES && asked.every((other) => other.url !== url))
        asked.push(await askOnce(url, head));
      throw new Asked();
    },
  };
  const check = (state: DoctorState, detail: string, remedy?: string): DoctorCheck => ({
    kind: 'feed',
    name,
    state,
    detail: redact(detail),
    ...(remedy !== undefined && { remedy: redact(remedy) }),
  });
  try {
    await ask(context);
  } catch (error) {
    if (asked.length === 0)
      return check('failed', messageOf(error), remedyOf(messageOf(error), addressOf(set)));
  }
  const [first] = asked;
  if (first === undefined) return check('ok', 'sends no request');
  const works = asked.find(({ reason }) => reason === undefined);
  if (works === undefined) {
    const reasons = asked.map(({ reason }) => reason).join('; ');
    return check('failed', reasons, remedyOf(first.reason!, addressOf(set)));
  }
  const { url, size } = works.answer!;
  const moved = URL.parse(url)?.host !== URL.parse(works.url)?.host;
  const found = `${works.url}${moved ? `: found at ${url}` : ''}${size && ` (${size} bytes)`}`;
  const others = asked
    .filter((each) => each !== works)
    .map((each) => (each.reason === undefined ? `fallback ${each.url}` : `not ${each.reason}`));
  const detail = [found, ...others].join('; ');
  if (moved)
    return check('warning', detail, `Allow the other host in firewalls and proxies. ${addressOf(set)}`);
  // Some publishers move files of old releases: that one of the addresses has nothing is no fault.
  const silent = asked.find(({ reason, missing }) => reason !== undefined && !missing);
  if (silent === undefined) return check('ok', detail);
  const [text, where] =
    silent === first
      ? ['The feed uses its fallback.', addressOf(set)]
      : ['The feed works, its fallback does not.', ''];
  return check('warning', detail, `${text} ${remedyOf(silent.reason!, where)}`.trim());
}

async function askOnce(url: string, head: (url: string) => Promise<HeadAnswer>): Promise<Asking> {
  try {
    const answer = await head(url);
    const { status } = answer;
    if (status < 400) return { url, answer };
    return {
      url,
      reason: `${url} answered with status ${status}`,
      missing: status === 404 || status === 410,
    };
  } catch (error) {
    return { url, reason: `${url}: ${messageOf(error)}` };
  }
}

/** Some servers know no HEAD, and some answer it with what GET would not. */
export async function head(http: HttpClient, url: string, signal: AbortSignal): Promise<HeadAnswer> {
  const first = await http.request(url, { method: 'HEAD' }, signal);
  await first.discard();
  if (first.status < 400) return answerOf(first, first.header('content-length'));
  const second = await http.request(url, { headers: { range: 'bytes=0-0' } }, signal);
  const size = /\/(\d+)$/.exec(second.header('content-range'))?.[1] ?? '';
  second.body.destroy();
  return answerOf(second, size);
}

function answerOf({ url, status }: HttpResponse, size: string): HeadAnswer {
  return { url, status, size };
}

function addressOf(set: string): string {
  return `Another address is set in updaters.config.${set} (docs/reference/feeds.md).`;
}

/** Throws `bad-target` for a name that is no set. */
export function checkSetNames(names: readonly string[]): void {
  const known = [
    ...new Set([
      ...ecosystems.flatMap(({ feeds }) => feeds.map(({ set }) => set)),
      ...enrichers.map(({ name }) => name),
    ]),
  ].sort();
  for (const name of names) {
    if (!known.includes(name)) {
      throw new AppError('bad-target', `unknown feed set "${name}". Available: ${known.join(', ')}`);
    }
  }
}
