/** Fetches feeds and writes them out as an export of updaters, without a database. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';
import type { Feed, FeedContext, Fetched } from '../../contract/feed.ts';
import { messageOf } from '../../errors.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import type { Advisory, Enrichment } from '../../model/advisory.ts';
import type { Problem } from '../../model/package.ts';
import { createFeedContext, removeAbandonedSpools } from '../updating/feed-context.ts';
import { createTaskQueue, type TaskQueue } from '../updating/task-queue.ts';
import { lineWriter, type OperationHead } from './write-operation.ts';
import { recordWriter, textMembers } from './write-record.ts';

export interface ExportParts {
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly http: HttpClient;
  readonly now: () => Date;
}

export interface ExportOptions {
  /** `updaters.sets`: undefined is all, [] none. */
  readonly sets?: readonly string[] | undefined;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onResult?: (result: ExportResult) => void;
}

export interface ExportResult {
  /** Of the feed; of the set if its feeds could not be listed. */
  readonly name: string;
  readonly records: number;
  /** Records that could not be read or are too long. */
  readonly problems: number;
  readonly firstProblem?: Problem;
  /** Advisories that the format has no words for: what is said to be not affected. */
  readonly unsaid: number;
  readonly error?: string;
}

const CONCURRENCY = 4;

/**
 * Writes all feeds of the wanted sets to `write`, each whole or not at all. One that fails does not stop the others: the
 * results tell. Throws what `write` throws.
 */
export async function exportFeeds(
  parts: ExportParts,
  write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  options: ExportOptions,
): Promise<ExportResult[]> {
  await removeAbandonedSpools();
  const folder = await mkdtemp(join(tmpdir(), 'clair-feed-export-'));
  try {
    const run: Run = {
      ...parts,
      ...options,
      folder,
      slots: createTaskQueue(CONCURRENCY),
      writing: createTaskQueue(1),
      write,
    };
    const settled = await Promise.allSettled([...setsOf(run), ...enrichersOf(run)]);
    options.signal.throwIfAborted();
    return settled.flatMap((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run extends ExportParts, ExportOptions {
  readonly folder: string;
  /** Feeds under way. */
  readonly slots: TaskQueue;
  /** Lines of an operation are not mixed with another's. */
  readonly writing: TaskQueue;
  readonly write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>;
}

function setsOf(run: Run): Promise<ExportResult[]>[] {
  const seen = new Set<string>();
  return run.ecosystems.flatMap((ecosystem) =>
    ecosystem.feeds
      .filter(({ set }) => run.sets?.includes(set) ?? true)
      .map(async ({ set, feeds }) => {
        let listed: readonly Feed[];
        await using context = createFeedContext({ ...run, source: set });
        try {
          listed = await feeds(run.config?.[set], context);
        } catch (error) {
          run.signal.throwIfAborted();
          return [told(run, { ...NOTHING, name: set, error: messageOf(error) })];
        }
        const fresh = listed.filter(({ name }) => !seen.has(name) && seen.add(name));
        return await Promise.all(
          fresh.map((feed) =>
            exportOne(run, feed.name, 'vulnerability', (context) => recordsOfFeed(run, feed, context)),
          ),
        );
      }),
  );
}

function enrichersOf(run: Run): Promise<ExportResult[]>[] {
  return run.enrichers
    .filter(({ name }) => run.sets?.includes(name) ?? true)
    .map(async (enricher) => [
      await exportOne(run, enricher.name, 'enrichment', async (context) => {
        const fetched = await enricher.fetch('', run.config?.[enricher.name], context);
        return fetched === 'unchanged'
          ? fetched
          : { fingerprint: fetched.fingerprint, records: enrichmentsOf(fetched) };
      }),
    ]);
}

async function recordsOfFeed(
  run: Run,
  feed: Feed,
  context: FeedContext,
): Promise<Fetched<string | undefined> | 'unchanged'> {
  const fetched = await feed.fetch('', run.config?.[feed.name], context);
  if (fetched === 'unchanged') return fetched;
  const scopeOf = (key: string) => feed.scopes.find((scope) => scope.key === key);
  const write = recordWriter(feed.name, run.ecosystems, scopeOf);
  return { fingerprint: fetched.fingerprint, records: vulnerabilitiesOf(fetched, write) };
}

async function* vulnerabilitiesOf(
  { records }: Fetched<Advisory>,
  write: ReturnType<typeof recordWriter>,
): AsyncGenerator<string | undefined> {
  for await (const advisory of records) yield write(advisory, textMembers(advisory.vulnerability));
}

async function* enrichmentsOf({ records }: Fetched<Enrichment>): AsyncGenerator<string> {
  for await (const { tag, data } of records) yield JSON.stringify({ Tags: [tag], Enrichment: data });
}

const NOTHING = { records: 0, problems: 0, unsaid: 0 };

function told(run: Run, result: ExportResult): ExportResult {
  run.onResult?.(result);
  return result;
}

/** Into a file of its own first: a feed that fails half-way leaves nothing behind. */
async function exportOne(
  run: Run,
  name: string,
  kind: OperationHead['kind'],
  fetch: (context: FeedContext) => Promise<Fetched<string | undefined> | 'unchanged'>,
): Promise<ExportResult> {
  return await run.slots(async () => {
    await using context = createFeedContext({ ...run, source: name });
    const path = join(run.folder, `${kind}-${encodeURIComponent(name)}`);
    let records = 0;
    let unsaid = 0;
    try {
      run.signal.throwIfAborted();
      const fetched = await fetch(context);
      if (fetched === 'unchanged') throw new Error('upstream said "unchanged" to who has nothing yet');
      const lineOf = lineWriter({ updater: name, kind, fingerprint: fetched.fingerprint, date: run.now() });
      const lines = async function* (): AsyncGenerator<string> {
        for await (const record of fetched.records) {
          run.signal.throwIfAborted();
          const line = record && lineOf(record);
          if (line) {
            records++;
            yield line;
          } else if (record === undefined) unsaid++;
          else
            context.problem({
              where: record.slice(0, 200),
              reason: 'exceeds 1 MiB, the limit of all readers',
            });
        }
      };
      await pipeline(Readable.from(inChunks(lines())), createWriteStream(path, { mode: 0o600 }));
    } catch (error) {
      run.signal.throwIfAborted();
      return told(run, { ...NOTHING, name, problems: context.problemCount, error: messageOf(error) });
    }
    await run.writing(() => run.write(createReadStream(path, { highWaterMark: 256 * 1024 })));
    await rm(path);
    const [firstProblem] = context.problems;
    const problems = context.problemCount;
    return told(run, { name, records, problems, unsaid, ...(firstProblem && { firstProblem }) });
  });
}

/** Lines are short, and every one would be a write. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < 256 * 1024) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
