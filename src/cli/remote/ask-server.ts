/** Asks one Clair server: a busy one again, and what it refuses is told with what to do about it. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { pause } from '../../lib/clock.ts';
import { retryAfter } from '../../lib/retry-after.ts';
import { VERSION } from '../../lib/version.ts';
import { createServiceClient, type ServiceAnswer, type ServiceRequest } from '../../remote/service-client.ts';

export interface ApiOptions {
  /** URL of the API, perhaps with a path before Clair's own. */
  readonly host: string;
  /** The `Authorization` header for a request; undefined: goes unsigned. */
  readonly sign?: (() => Promise<string>) | undefined;
  /** ms that a server may take that says that it is busy, or not ready yet. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onWait: (what: string) => void;
}

export interface ServerAsker extends AsyncDisposable {
  /** Scheme, host and port. */
  readonly origin: string;
  /** One request; any status is returned. */
  call(path: string, request: Omit<ServiceRequest, 'expect'>): Promise<ServiceAnswer>;
  /**
   * Asks until `isDone` says so (default: at once); a server that is busy is always asked again, when it wants to be.
   * Throws `service`, with `advice`, when patience is over.
   */
  persist(
    waitingFor: string,
    ask: () => Promise<ServiceAnswer>,
    isDone?: (answer: ServiceAnswer) => Promise<boolean>,
    advice?: string,
  ): Promise<ServiceAnswer>;
  /** What to throw for an answer that is none of the expected ones. */
  unexpected(answer: ServiceAnswer, what: string): Promise<AppError>;
}

const ANY = Array.from({ length: 500 }, (_, index) => 100 + index);
const MIN_WAIT = 250;
const MAX_WAIT = 15_000;
/** Real Clair indexes while the request waits. */
const ANSWER_TIMEOUT = 30 * 60_000;
const MESSAGE_LIMIT = 500;

const ErrorBody = z.object({ message: z.string() });

/** Nothing is asked yet. */
export function createServerAsker({ host, sign, patience, signal, onWait }: ApiOptions): ServerAsker {
  const url = new URL(host);
  const prefix = url.pathname.replace(/\/+$/, '');
  const client = createServiceClient({
    name: 'Clair',
    address: url.origin,
    ...(sign && { sign }),
    answerTimeout: ANSWER_TIMEOUT,
  });
  return {
    origin: url.origin,
    async call(path, request) {
      const headers = { 'user-agent': `clairctl/${VERSION}`, accept: 'application/json', ...request.headers };
      return await client.call(prefix + path, { ...request, headers, expect: ANY, signal });
    },
    async persist(waitingFor, ask, isDone = async () => true, advice = '') {
      const start = performance.now();
      for (let wait = MIN_WAIT; ; wait = Math.min(2 * wait, MAX_WAIT)) {
        const answer = await ask();
        const isBusy = answer.status === 429 || answer.status === 503;
        if (!isBusy && (await isDone(answer))) return answer;
        const what = isBusy ? `Clair is busy (${answer.status})` : waitingFor;
        const asked = retryAfter(answer.header('retry-after')) || wait;
        // How far its work is it may be asked sooner than it says, as long as that is not for long.
        const delay = isBusy ? Math.max(asked, wait) : Math.min(asked, wait);
        if (performance.now() - start + delay > patience)
          throw new AppError(
            'service',
            `${what}: timed out after ${patience / 1000} s (${isBusy ? '' : advice}raise --timeout)`,
          );
        if (isBusy || answer.status === 202) await answer.text();
        onWait(what);
        await pause(delay, signal);
      }
    },
    async unexpected(answer, what) {
      const said = await messageIn(answer);
      const hint = hintFor(answer.status, `${url.origin}${prefix}`);
      return new AppError(
        'service',
        [`${what}: ${url.origin} returned status ${answer.status}`, said, hint].filter(Boolean).join(': '),
      );
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function hintFor(status: number, place: string): string | undefined {
  if (status === 401)
    return 'authentication required. Pass the service configuration with --config (auth.psk.key), and an --issuer that auth.psk.iss lists';
  return status === 404 ? `no Clair API at ${place}. Check --host` : undefined;
}

/** What the server says of its error. */
export async function messageIn(answer: ServiceAnswer): Promise<string> {
  const text = await answer.text();
  const parsed = ErrorBody.safeParse(readJson(text));
  return (parsed.success ? parsed.data.message : text.startsWith('<') ? '' : text)
    .trim()
    .slice(0, MESSAGE_LIMIT);
}

/** undefined: it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
