/** The manifests of an indexer behind HTTP, as the notifier wants them: pages from ours, one answer from Clair's. */

import { z } from 'zod';
import { AppError } from '../errors.ts';
import { schemaIssues } from '../lib/schema-issues.ts';
import { AffectedLine } from '../model/api/vulnerability-report.ts';
import type { AffectedOptions, Change, ManifestPage, ManifestSource } from '../notifier/sources.ts';
import { readJson } from './remote-matcher.ts';
import type { ServiceClient } from './service-client.ts';

/** Of one answer: fewer are asked about when there is more. */
const MAX_ANSWER = 96 * 1024 * 1024;
/** Of one line of an answer in pages. */
const MAX_LINE = 16 * 1024 * 1024;
/** ms after which an indexer that knew no pages is asked for them again: it may have been upgraded. */
const ASK_AGAIN = 10 * 60_000;

const ANSWER = z.object({
  vulnerable_manifests: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  problems: z.array(z.object({ where: z.string(), reason: z.string() })).nullish(),
});

export function remoteManifests(client: ServiceClient): ManifestSource {
  let withoutPages = Number.NEGATIVE_INFINITY;
  return {
    async *affected(changes, options) {
      if (performance.now() - withoutPages > ASK_AGAIN) {
        const lines = await askPages(client, changes, options);
        if (lines !== undefined) return yield* readPages(lines, changes.length, options);
        withoutPages = performance.now();
      }
      yield await askClair(client, changes, options);
    },
  };
}

/** The long texts are of no use for looking up. */
function vulnerabilitiesOf(changes: readonly Change[]): object[] {
  return changes.map(({ vulnerability }, at) => ({
    ...vulnerability,
    id: String(at),
    description: '',
    links: '',
  }));
}

/** undefined: it is none of ours, or an older one. */
async function askPages(
  client: ServiceClient,
  changes: readonly Change[],
  { after, signal }: AffectedOptions,
): Promise<AsyncIterable<Buffer> | undefined> {
  const answer = await client.call('/indexer/api/v1/internal/affected_pages', {
    method: 'POST',
    headers: { accept: 'application/x-ndjson' },
    body: JSON.stringify({ vulnerabilities: vulnerabilitiesOf(changes), after }),
    expect: [200, 404, 405],
    signal,
  });
  if (answer.status === 200) return answer.pieces();
  await answer.text();
  return undefined;
}

async function* readPages(
  pieces: AsyncIterable<Buffer>,
  asked: number,
  { problem }: AffectedOptions,
): AsyncGenerator<ManifestPage> {
  let isWhole = false;
  for await (const text of linesOf(pieces)) {
    if (text === '') continue; // it is still being worked on
    const line = readLine(text);
    for (const { where, reason } of line.problems ?? []) problem(`${where}: ${reason}`);
    const { manifests, sets = [], next = '' } = line;
    if (sets.flat().some((at) => at < 0 || at >= asked)) throw unreadable('a position is none');
    if (manifests !== undefined) {
      const own = manifests.map(([digest, number]) => {
        const positions = sets[number];
        if (positions === undefined) throw unreadable('a set is missing');
        return [digest, positions] as const;
      });
      yield { manifests: own, next };
    }
    isWhole ||= line.done === true;
  }
  if (!isWhole) throw new AppError('service', 'the answer of the indexer to affected_pages ended early');
}

function readLine(text: string): z.infer<typeof AffectedLine> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable('a line is not valid JSON', cause);
  }
  const parsed = AffectedLine.safeParse(json);
  if (!parsed.success) throw unreadable(schemaIssues(parsed.error));
  return parsed.data;
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      yield Buffer.concat([...parts, piece.subarray(from, end)]).toString('utf8');
      [parts, length, from] = [[], 0, end + 1];
    }
    parts.push(piece.subarray(from));
    length += piece.length - from;
    if (length > MAX_LINE) throw unreadable(`a line is longer than ${MAX_LINE} bytes`);
  }
  if (length > 0) throw new AppError('service', 'the answer of the indexer to affected_pages ended early');
}

/** Clair's answer: one, with all manifests. */
async function askClair(
  client: ServiceClient,
  changes: readonly Change[],
  { problem, signal }: AffectedOptions,
): Promise<ManifestPage> {
  const answer = await client.call('/indexer/api/v1/internal/affected_manifest/', {
    method: 'POST',
    headers: { accept: 'application/vnd.clair.affected_manifests.v1+json, application/json;q=0.9' },
    body: JSON.stringify({ vulnerabilities: vulnerabilitiesOf(changes) }),
    expect: [200],
    signal,
  });
  const parsed = ANSWER.safeParse(await readJson(answer.pieces(), MAX_ANSWER));
  if (!parsed.success) throw unreadable(schemaIssues(parsed.error));
  const { vulnerable_manifests: manifests, problems } = parsed.data;
  for (const { where, reason } of problems ?? []) problem(`${where}: ${reason}`);
  // Ids are positions; what is none was not asked about.
  const positionOf = new Map(changes.map((_, at) => [String(at), at]));
  return {
    manifests: Object.entries(manifests ?? {}).map(([digest, ids]) => [
      digest,
      [...new Set(ids)].flatMap((id) => positionOf.get(id) ?? []),
    ]),
    next: '',
  };
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('service-answer', `the indexer answered with what cannot be read: ${why}`, { cause });
}
