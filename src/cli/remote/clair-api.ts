/** Clair's API as `clairctl` uses it: every answer that is none of the expected ones says what to do about it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { retryAfter } from '../../lib/retry-after.ts';
import { VERSION } from '../../lib/version.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
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

export interface ClairApi extends AsyncDisposable {
  /** Whether the server has the manifest's index report, and what the answer was marked with. */
  indexReport(
    digest: Digest,
    etag: string,
  ): Promise<{ status: 'known' | 'unchanged' | 'unknown'; etag: string }>;
  /** Has the manifest indexed, and waits for it. Throws `NotIndexed` if the server could not. */
  index(manifest: Manifest): Promise<{ etag: string }>;
  /** The JSON of a VulnerabilityReport. */
  vulnerabilityReport(digest: Digest): Promise<string>;
  /** The same for an index report (JSON) of our own making: an extension of ours. */
  matchReport(indexReport: string): Promise<string>;
  /** Gives what was deleted. */
  delete(digests: readonly Digest[]): Promise<readonly string[]>;
}

/** The server took the manifest, and could not index it: its status and what it said. */
export class NotIndexed extends AppError {
  readonly status: number;

  constructor(status: number, reason: string) {
    super('service', `Clair could not index the image: ${reason}`);
    this.status = status;
  }
}

const ANY = Array.from({ length: 500 }, (_, index) => 100 + index);
const MIN_WAIT = 250;
const MAX_WAIT = 15_000;
/** Real Clair indexes while the request waits. */
const ANSWER_TIMEOUT = 30 * 60_000;
const MESSAGE_LIMIT = 500;

const ErrorBody = z.object({ message: z.string() });
const Progress = z.object({
  state: z.string(),
  success: z.boolean(),
  err: z.string().nullish(),
  /** Ours: there while it is being indexed. */
  job: z.unknown().optional(),
});

/** What `onWait` is told while a manifest is being indexed. */
export const INDEXING = 'Clair is indexing';

const INDEX = '/indexer/api/v1/index_report';

/** A client; nothing is asked yet. */
export function openApi({ host, sign, patience, signal, onWait }: ApiOptions): ClairApi {
  const url = new URL(host);
  const prefix = url.pathname.replace(/\/+$/, '');
  const client = createServiceClient({
    name: 'Clair',
    address: url.origin,
    ...(sign && { sign }),
    answerTimeout: ANSWER_TIMEOUT,
  });

  async function call(path: string, request: Omit<ServiceRequest, 'expect'>): Promise<ServiceAnswer> {
    const headers = { 'user-agent': `clairctl/${VERSION}`, accept: 'application/json', ...request.headers };
    return await client.call(prefix + path, { ...request, headers, expect: ANY, signal });
  }

  /** Asks until `isDone` says so; a server that is busy is always asked again, when it wants to be. */
  async function persist(
    waitingFor: string,
    ask: () => Promise<ServiceAnswer>,
    isDone: (answer: ServiceAnswer) => Promise<boolean> = async () => true,
  ): Promise<ServiceAnswer> {
    const start = performance.now();
    for (let wait = MIN_WAIT; ; wait = Math.min(2 * wait, MAX_WAIT)) {
      const answer = await ask();
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy && (await isDone(answer))) return answer;
      const what = isBusy ? `Clair is busy (${answer.status})` : waitingFor;
      const asked = retryAfter(answer.header('retry-after')) || wait;
      // How far its work is it may be asked sooner than it says, as long as that is not for long.
      const pause = isBusy ? Math.max(asked, wait) : Math.min(asked, wait);
      if (performance.now() - start + pause > patience)
        throw new AppError('service', `${what}: timed out after ${patience / 1000} s (raise --timeout)`);
      if (isBusy || answer.status === 202) await answer.text();
      onWait(what);
      await sleep(pause, undefined, { signal });
    }
  }

  async function unexpected(answer: ServiceAnswer, what: string): Promise<AppError> {
    const said = await messageIn(answer);
    const hints: Readonly<Record<number, string>> = {
      401: 'authentication required. Pass the service configuration with --config (auth.psk.key), and an --issuer that auth.psk.iss lists',
      404: `no Clair API at ${url.origin}${prefix}. Check --host`,
    };
    const hint = hints[answer.status];
    return new AppError(
      'service',
      [`${what}: ${url.origin} returned status ${answer.status}`, said, hint].filter(Boolean).join(': '),
    );
  }

  return {
    async indexReport(digest, etag) {
      const answer = await persist('', () =>
        call(`${INDEX}/${digest}`, { headers: etag === '' ? {} : { 'if-none-match': etag } }),
      );
      if (answer.status === 304) return { status: 'unchanged', etag };
      if (answer.status === 404) return { status: 'unknown', etag: '' };
      if (answer.status !== 200) throw await unexpected(answer, 'the index report');
      const report = Progress.safeParse(readJson(await answer.text()));
      const isFinished =
        report.success && report.data.state === 'IndexFinished' && report.data.job === undefined;
      return { status: isFinished ? 'known' : 'unknown', etag: answer.etag };
    },

    async index(manifest) {
      const body = JSON.stringify(manifest);
      // A server that knows the preference answers at once: no proxy on the way runs out of patience.
      const headers = { prefer: 'respond-async' };
      const posted = await persist('', () => call(INDEX, { method: 'POST', body, headers }));
      if (posted.status === 412) return { etag: '' };
      if (posted.status !== 200 && posted.status !== 201 && posted.status !== 202) {
        if (posted.status === 401 || posted.status === 404) throw await unexpected(posted, 'the manifest');
        throw new NotIndexed(posted.status, (await messageIn(posted)) || `status ${posted.status}`);
      }
      let text = '';
      let last = posted;
      if (posted.status === 202) {
        await posted.text();
        last = await persist(
          INDEXING,
          () => call(`${INDEX}/${manifest.hash}`, {}),
          async (answer) => {
            if (answer.status !== 200) return true;
            text = await answer.text();
            const report = Progress.safeParse(readJson(text));
            return !report.success || report.data.job === undefined;
          },
        );
        if (last.status !== 200) throw await unexpected(last, 'the index report');
      } else text = await posted.text();
      const report = Progress.safeParse(readJson(text));
      if (!report.success)
        throw new AppError('service', `${url.origin} returned a response that is not an index report`);
      if (!report.data.success && report.data.err) throw new NotIndexed(last.status, report.data.err);
      return { etag: last.etag };
    },

    vulnerabilityReport: (digest) =>
      reportFrom(() => call(`/matcher/api/v1/vulnerability_report/${digest}`, {})),
    matchReport: (indexReport) =>
      reportFrom(() => call('/matcher/api/v1/match_report', { method: 'POST', body: indexReport })),

    async delete(digests) {
      const answer = await persist('', () =>
        call(INDEX, { method: 'DELETE', body: JSON.stringify(digests) }),
      );
      if (answer.status !== 200) throw await unexpected(answer, 'the deletion');
      return (
        z
          .array(z.string())
          .nullish()
          .catch([])
          .parse(readJson(await answer.text())) ?? []
      );
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };

  // differs: waits while the server has not loaded its first feed, where Clair's gives up at once (clair-service.md#reports-of-a-server)
  async function reportFrom(ask: () => Promise<ServiceAnswer>): Promise<string> {
    const answer = await persist(
      'Clair has not loaded any advisory feed yet',
      ask,
      async ({ status }) => status !== 202,
    );
    if (answer.status !== 200) throw await unexpected(answer, 'the vulnerability report');
    return await answer.text();
  }
}

/** What the server says of its error. */
async function messageIn(answer: ServiceAnswer): Promise<string> {
  const text = await answer.text();
  const parsed = ErrorBody.safeParse(readJson(text));
  return (parsed.success ? parsed.data.message : text.startsWith('<') ? '' : text)
    .trim()
    .slice(0, MESSAGE_LIMIT);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
