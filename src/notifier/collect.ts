/** From what changed to what is told: changes in chunks -> pages of affected manifests -> items. */
import { createHash, type Hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { inBackground } from '../lib/background.ts';
import type { Reason } from '../transports/notification.ts';
import { compareWeight, type Weighed, weigh } from './narrow.ts';
import type { Change, ManifestPage, ManifestSource } from './sources.ts';

/** A notification that has no id yet. */
export interface Item {
  readonly manifest: string;
  readonly reason: Reason;
  readonly vulnerability: Weighed;
}

/** How far a set is gathered. */
export interface SetPlace {
  /** Changes that are dealt with: whole chunks. */
  readonly changes: number;
  /** Digest of those and of the chunk that is dealt with now: with others the place means nothing. */
  readonly chunk: string;
  /** How far in the manifests of that chunk. */
  readonly next: string;
}

export const BEGINNING: SetPlace = { changes: 0, chunk: '', next: '' };

export interface CollectOptions {
  readonly manifests: ManifestSource;
  /** Of each manifest only the most severe. */
  readonly summary: boolean;
  /** Where to go on. */
  readonly from: SetPlace;
  /**
   * Takes a bounded number of items, and where to go on behind them. In a summary a manifest may come again, with what
   * later changes say: the more severe counts.
   */
  readonly write: (items: readonly Item[], place: SetPlace) => Promise<void>;
  /** Told of vulnerabilities that the indexer could not look up. */
  readonly problem: (reason: string) => void;
  readonly signal: AbortSignal;
  /** ms before the indexer is asked again after a failure; doubles. */
  readonly pause?: number;
}

/** Changes asked about at once, and characters of their JSON. */
const CHUNK = { changes: 5000, characters: 16 * 1024 * 1024 };
/** Items written at once. */
const BATCH = 2000;
const ATTEMPTS = 3;
/** What may pass by itself. */
const PASSING: ReadonlySet<string | undefined> = new Set(['service', 'service-unavailable']);
/** What may go well of fewer changes. */
const SMALLER: ReadonlySet<string | undefined> = new Set(['too-large', 'service-answer']);
const PAUSE = 2000;

/** Memory: a chunk of changes, and a page of manifests. `changes` gives the same at each call, unless runs were deleted meanwhile. */
export async function collect(changes: () => AsyncIterable<Change>, options: CollectOptions): Promise<void> {
  if (await collectFrom(changes(), options.from, options)) return;
  await collectFrom(changes(), BEGINNING, options);
}

/** False if these are not the changes that `from` is a place in. */
async function collectFrom(
  changes: AsyncIterable<Change>,
  from: SetPlace,
  options: CollectOptions,
): Promise<boolean> {
  const digest = createHash('sha256');
  let done = 0;
  let isFound = from.chunk === '';
  for await (const chunk of inChunks(changes, digest)) {
    options.signal.throwIfAborted();
    const place = { changes: done, chunk: digest.copy().digest('hex'), next: '' };
    done += chunk.length;
    if (!isFound && done <= from.changes) continue;
    if (!isFound && (place.changes !== from.changes || place.chunk !== from.chunk)) return false;
    await collectChunk(chunk, isFound ? place : from, options);
    isFound = true;
  }
  return isFound;
}

async function collectChunk(
  chunk: readonly Change[],
  from: SetPlace,
  options: CollectOptions,
): Promise<void> {
  const weighed = new Map<number, Weighed>();
  const weight = (at: number): Weighed => {
    const known = weighed.get(at) ?? weigh(chunk[at]!.vulnerability);
    weighed.set(at, known);
    return known;
  };
  let place = from;
  const pages = affectedBy(chunk, from.next, options);
  const writeNext = async (): Promise<boolean> => {
    const page = await pages.next();
    if (page.done === true) return false;
    const { manifests, next } = page.value;
    const items = options.summary ? mostSevere(chunk, manifests, weight) : everyOne(chunk, manifests, weight);
    let batch: Item[] = [];
    for (const item of items) {
      batch.push(item);
      if (batch.length < BATCH) continue;
      options.signal.throwIfAborted();
      await options.write(batch, place);
      batch = [];
    }
    place = { ...place, next };
    await options.write(batch, place);
    return true;
  };
  try {
    while (await inBackground(writeNext, options.signal));
  } finally {
    await pages.return(undefined);
  }
}

type Found = ManifestPage['manifests'];

// differs: at most one for what came and one for what went, each with the most severe separately; Clair has one, with the
// reason of the first and the vulnerability of the most severe of both (clair-service.md#summaries)
function* mostSevere(
  chunk: readonly Change[],
  found: Found,
  weight: (at: number) => Weighed,
): Generator<Item> {
  const told = new Map<readonly number[], readonly number[]>();
  for (const [manifest, positions] of found) {
    let best = told.get(positions);
    if (best === undefined) told.set(positions, (best = bestOf(chunk, positions, weight)));
    for (const at of best) yield { manifest, reason: chunk[at]!.reason, vulnerability: weight(at) };
  }
}

/** The most severe that came, and the most severe that went. */
function bestOf(
  chunk: readonly Change[],
  positions: readonly number[],
  weight: (at: number) => Weighed,
): readonly number[] {
  const first: Partial<Record<Reason, number>> = {};
  for (const at of positions) {
    const { reason } = chunk[at]!;
    const rival = first[reason];
    if (rival === undefined || compareWeight(weight(at), weight(rival)) < 0) first[reason] = at;
  }
  return [first.added, first.removed].filter((at) => at !== undefined);
}

function* everyOne(chunk: readonly Change[], found: Found, weight: (at: number) => Weighed): Generator<Item> {
  for (const [manifest, positions] of found)
    for (const at of positions) yield { manifest, reason: chunk[at]!.reason, vulnerability: weight(at) };
}

async function* inChunks(changes: AsyncIterable<Change>, digest: Hash): AsyncGenerator<readonly Change[]> {
  let chunk: Change[] = [];
  let characters = 0;
  for await (const change of changes) {
    // An assertion that something is not affected affects nothing.
    const { facts } = change;
    if ((facts === undefined ? change.vulnerability.Invert : facts.assertsUnaffected) === true) continue;
    const json = change.json ?? JSON.stringify(change.vulnerability);
    digest.update(`${change.reason} ${json.length} ${json}`);
    characters += json.length;
    chunk.push(change);
    if (chunk.length < CHUNK.changes && characters < CHUNK.characters) continue;
    yield chunk;
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/** Asks again where it may help, and about fewer where that may. Positions are those in `chunk`. */
async function* affectedBy(
  chunk: readonly Change[],
  from: string,
  options: CollectOptions,
): AsyncGenerator<ManifestPage> {
  const { manifests, signal, problem, pause = PAUSE } = options;
  let after = from;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const page of manifests.affected(chunk, { after, signal, problem })) {
        const asked = page.manifests.map(([manifest, positions]) => {
          const own = positions.every((at) => at < chunk.length)
            ? positions
            : positions.filter((at) => at < chunk.length);
          return [manifest, own] as const;
        });
        yield { ...page, manifests: asked };
        after = page.next;
        attempt = 1;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof AppError ? error.code : undefined;
      if (SMALLER.has(code) && chunk.length > 1) break;
      if (!(PASSING.has(code) || SMALLER.has(code)) || attempt >= ATTEMPTS) throw error;
      await sleep(pause * 2 ** (attempt - 1), undefined, { signal });
    }
  }
  // Halves have no place of their own: what is gone over twice is the same.
  const half = Math.ceil(chunk.length / 2);
  for (const [first, part] of [
    [0, chunk.slice(0, half)],
    [half, chunk.slice(half)],
  ] as const) {
    for await (const page of affectedBy(part, '', options)) {
      const shifted = page.manifests.map(
        ([manifest, own]) => [manifest, own.map((at) => at + first)] as const,
      );
      yield { manifests: shifted, next: '' };
    }
  }
}
