/** Clair's API as `clairctl` uses it: every answer that is none of the expected ones says what to do about it. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { ServiceAnswer } from '../../remote/service-client.ts';
import { type ApiOptions, createServerAsker, messageIn, readJson, type ServerAsker } from './ask-server.ts';

export interface ClairApi extends AsyncDisposable {
  /** Whether the server has the manifest's index report, and what the answer was marked with. */
  indexReport(
    digest: Digest,
    etag: string,
  ): Promise<{ status: 'known' | 'unchanged' | 'unknown'; etag: string }>;
  /** Has the manifest indexed, and waits for it. Throws `NotIndexed` if the server could not. */
  index(manifest: Manifest): Promise<{ etag: string }>;
  /** Tells the server what the manifest is called: an extension of ours. False: it does not take names, as Clair's. */
  name(digest: Digest, names: readonly string[], instructions: readonly string[]): Promise<boolean>;
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
export function openApi(options: ApiOptions): ClairApi {
  const server = createServerAsker(options);
  return {
    indexReport: (digest, etag) => indexReport(server, digest, etag),
    index: (manifest) => index(server, manifest),
    async name(digest, names, instructions) {
      const body = JSON.stringify({ names, ...(instructions.length > 0 && { instructions }) });
      const answer = await server.call(`/indexer/api/v1/manifest/${digest}/names`, { method: 'PUT', body });
      await answer.text();
      return answer.status === 204;
    },
    vulnerabilityReport: (digest) =>
      vulnerabilityReport(server, () => server.call(`/matcher/api/v1/vulnerability_report/${digest}`, {})),
    matchReport: (body) =>
      vulnerabilityReport(server, () =>
        server.call('/matcher/api/v1/match_report', { method: 'POST', body }),
      ),
    delete: (digests) => deleteManifests(server, digests),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function indexReport(
  server: ServerAsker,
  digest: Digest,
  etag: string,
): ReturnType<ClairApi['indexReport']> {
  const answer = await server.persist('', () =>
    server.call(`${INDEX}/${digest}`, { headers: etag === '' ? {} : { 'if-none-match': etag } }),
  );
  if (answer.status === 304) return { status: 'unchanged', etag };
  if (answer.status === 404) return { status: 'unknown', etag: '' };
  if (answer.status !== 200) throw await server.unexpected(answer, 'the index report');
  const report = Progress.safeParse(readJson(await answer.text()));
  const isFinished = report.success && report.data.state === 'IndexFinished' && report.data.job === undefined;
  return { status: isFinished ? 'known' : 'unknown', etag: answer.etag };
}

async function index(server: ServerAsker, manifest: Manifest): ReturnType<ClairApi['index']> {
  const body = JSON.stringify(manifest);
  // A server that knows the preference answers at once: no proxy on the way runs out of patience.
  const headers = { prefer: 'respond-async' };
  const posted = await server.persist('', () => server.call(INDEX, { method: 'POST', body, headers }));
  if (posted.status === 412) return { etag: '' };
  if (posted.status !== 200 && posted.status !== 201 && posted.status !== 202) {
    if (posted.status === 401 || posted.status === 404) throw await server.unexpected(posted, 'the manifest');
    throw new NotIndexed(posted.status, (await messageIn(posted)) || `status ${posted.status}`);
  }
  const { status, etag, text } =
    posted.status === 202
      ? await indexed(server, posted, manifest)
      : { status: posted.status, etag: posted.etag, text: await posted.text() };
  const report = Progress.safeParse(readJson(text));
  if (!report.success)
    throw new AppError('service', `${server.origin} returned a response that is not an index report`);
  if (!report.data.success && report.data.err) throw new NotIndexed(status, report.data.err);
  return { etag };
}

/** The report of a manifest that is being indexed, when it is done. */
async function indexed(
  server: ServerAsker,
  posted: ServiceAnswer,
  manifest: Manifest,
): Promise<{ status: number; etag: string; text: string }> {
  await posted.text();
  let text = '';
  const last = await server.persist(
    INDEXING,
    () => server.call(`${INDEX}/${manifest.hash}`, {}),
    async (answer) => {
      if (answer.status !== 200) return true;
      text = await answer.text();
      const report = Progress.safeParse(readJson(text));
      return !report.success || report.data.job === undefined;
    },
  );
  if (last.status !== 200) throw await server.unexpected(last, 'the index report');
  return { status: last.status, etag: last.etag, text };
}

// differs: waits while the server has not loaded its first feed, where Clair's fails immediately (clair-service.md#reports-of-a-server)
async function vulnerabilityReport(server: ServerAsker, ask: () => Promise<ServiceAnswer>): Promise<string> {
  const answer = await server.persist(
    'Clair has not loaded any advisory feed yet',
    ask,
    async ({ status }) => status !== 202,
    'see the state of the feeds at /matcher/api/v1/internal/feeds, or load them from a file with clairctl import-updaters, or ',
  );
  if (answer.status !== 200) throw await server.unexpected(answer, 'the vulnerability report');
  return await answer.text();
}

async function deleteManifests(
  server: ServerAsker,
  digests: readonly Digest[],
): ReturnType<ClairApi['delete']> {
  const answer = await server.persist('', () =>
    server.call(INDEX, { method: 'DELETE', body: JSON.stringify(digests) }),
  );
  if (answer.status !== 200) throw await server.unexpected(answer, 'the deletion');
  const deleted = z.array(z.string()).nullish().catch([]);
  return deleted.parse(readJson(await answer.text())) ?? [];
}
