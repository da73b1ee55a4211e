/** From what changed to what is told: changes in chunks -> affected manifests -> items. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Reason } from '../transports/notification.ts';
import { compareWeight, type Weighed, weigh } from './narrow.ts';
import type { Affected, Change, ManifestSource } from './sources.ts';

/** A notification that has no id yet. */
export interface Item {
  readonly manifest: string;
  readonly reason: Reason;
  readonly vulnerability: Weighed;
}

export interface CollectOptions {
  readonly manifests: ManifestSource;
  /** Of each manifest only the most severe. */
  readonly summary: boolean;
  /** Takes items, a bounded number at a time. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  /** Told of vulnerabilities that the indexer could not look up. */
  readonly problem: (reason: string) => void;
  readonly signal: AbortSignal;
  /** ms before the indexer is asked again after a failure; doubles. */
  readonly pause?: number;
}

/** Changes asked about at once. */
const CHUNK = 1000;
/** Items written at once. */
const BATCH = 2000;
const ATTEMPTS = 3;
/** What may pass by itself. */
const PASSING: ReadonlySet<string | undefined> = new Set(['service', 'service-unavailable']);
const PAUSE = 2000;

/** Memory: a chunk and its answer, and in summary mode two vulnerabilities for each manifest. */
export async function collect(changes: AsyncIterable<Change>, options: CollectOptions): Promise<void> {
  const best = new Map<string, Partial<Record<Reason, Weighed>>>();
  for await (const chunk of inChunks(changes)) {
    options.signal.throwIfAborted();
    const found = await affectedBy(chunk, options);
    if (options.summary) {
      for (const item of mostSevere(chunk, found)) keepBest(best, item);
    } else {
      await writeAll(everyOne(chunk, found), options);
    }
  }
  if (options.summary) await writeAll(summaries(best), options);
}

// differs: at most one for what came and one for what went, each with the most severe separately; Clair has one, with the
// reason of the first and the vulnerability of the most severe of both (clair-service.md#summaries)
function* summaries(best: ReadonlyMap<string, Partial<Record<Reason, Weighed>>>): Generator<Item> {
  for (const [manifest, { added, removed }] of best) {
    if (added !== undefined) yield { manifest, reason: 'added', vulnerability: added };
    if (removed !== undefined) yield { manifest, reason: 'removed', vulnerability: removed };
  }
}

function keepBest(best: Map<string, Partial<Record<Reason, Weighed>>>, item: Item): void {
  const known = best.get(item.manifest) ?? {};
  const rival = known[item.reason];
  if (rival !== undefined && compareWeight(rival, item.vulnerability) <= 0) return;
  known[item.reason] = item.vulnerability;
  best.set(item.manifest, known);
}

/** Positions in the chunk, by manifest. */
type Found = readonly (readonly [manifest: string, positions: readonly number[]])[];

function* mostSevere(chunk: readonly Change[], found: Found): Generator<Item> {
  const positions = [...new Set(found.flatMap(([, own]) => own))];
  const weighed = new Map(positions.map((at) => [at, weigh(chunk[at]!.vulnerability)]));
  const place = new Map(
    positions
      .sort((a, b) => compareWeight(weighed.get(a)!, weighed.get(b)!))
      .map((position, index) => [position, index]),
  );
  for (const [manifest, own] of found) {
    const first: Partial<Record<Reason, number>> = {};
    for (const at of own) {
      const { reason } = chunk[at]!;
      const rival = first[reason];
      if (rival === undefined || place.get(at)! < place.get(rival)!) first[reason] = at;
    }
    for (const at of [first.added, first.removed]) {
      if (at !== undefined) yield { manifest, reason: chunk[at]!.reason, vulnerability: weighed.get(at)! };
    }
  }
}

function* everyOne(chunk: readonly Change[], found: Found): Generator<Item> {
  const weighed = new Map<number, Weighed>();
  for (const [manifest, own] of found) {
    for (const at of own) {
      const { reason, vulnerability } = chunk[at]!;
      const known = weighed.get(at) ?? weigh(vulnerability);
      weighed.set(at, known);
      yield { manifest, reason, vulnerability: known };
    }
  }
}

async function writeAll(items: Iterable<Item>, { write, signal }: CollectOptions): Promise<void> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    signal.throwIfAborted();
    await write(batch);
    batch = [];
  }
  if (batch.length > 0) await write(batch);
}

async function* inChunks(changes: AsyncIterable<Change>): AsyncGenerator<readonly Change[]> {
  let chunk: Change[] = [];
  for await (const change of changes) {
    // An assertion that something is not affected affects nothing.
    const { facts } = change;
    if ((facts === undefined ? change.vulnerability.Invert : facts.assertsUnaffected) === true) continue;
    chunk.push(change);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function affectedBy(chunk: readonly Change[], options: CollectOptions): Promise<Found> {
  // Ids of our own: those of two lists may meet.
  return await ask(
    chunk.map((change, at) => ({ id: String(at), change })),
    options,
  );
}

async function ask(
  asked: Parameters<ManifestSource['affected']>[0],
  options: CollectOptions,
): Promise<Found> {
  const { manifests, signal, problem, pause = PAUSE } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await manifests.affected(asked, signal);
      for (const reason of answer.problems) problem(reason);
      return positionsIn(answer, new Set(asked.map(({ id }) => String(id))));
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof AppError ? error.code : undefined;
      if (code === 'too-large' && asked.length > 1) {
        const half = Math.ceil(asked.length / 2);
        return [...(await ask(asked.slice(0, half), options)), ...(await ask(asked.slice(half), options))];
      }
      if (!PASSING.has(code) || attempt >= ATTEMPTS) throw error;
      await sleep(pause * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

function positionsIn({ manifests }: Affected, asked: ReadonlySet<string>): Found {
  return Object.entries(manifests).map(([manifest, ids]) => [
    manifest,
    [...new Set(ids)].filter((id) => asked.has(id)).map(Number),
  ]);
}
