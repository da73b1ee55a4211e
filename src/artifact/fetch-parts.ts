/** Fetches parts of a blob: neighbours with one request, some requests at a time, in their order. */
import { type ArtifactPlace, RANGE_LIMIT } from './place.ts';

export interface BlobRange {
  readonly from: number;
  readonly to: number;
}

const PARALLEL = 4;
/** So many bytes that nobody wants cost less than another request. */
const GAP = 8 * 1024;

/** The bytes of each of `parts`, which are in their order in the blob. `onBytes` is told what came. */
export async function* fetchParts(
  place: Pick<ArtifactPlace, 'read'>,
  digest: string,
  parts: readonly BlobRange[],
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes?: (bytes: number) => void },
): AsyncGenerator<Buffer> {
  const spans = joined(parts);
  const waiting: Promise<Buffer>[] = [];
  let next = 0;
  const ask = (): void => {
    const span = spans[next++];
    if (span === undefined) return;
    const asked = readAll(place, digest, span, signal);
    asked.catch(() => {}); // told to who reads it, who may have stopped at one before
    waiting.push(asked);
  };
  for (let i = 0; i < PARALLEL; i++) ask();
  for (const { from, parts: own } of spans) {
    const bytes = await waiting.shift()!;
    signal.throwIfAborted();
    onBytes?.(bytes.length);
    ask();
    for (const part of own) yield bytes.subarray(part.from - from, part.to - from);
  }
}

interface Span extends BlobRange {
  readonly parts: readonly BlobRange[];
}

function joined(parts: readonly BlobRange[]): Span[] {
  const spans: { from: number; to: number; parts: BlobRange[] }[] = [];
  for (const part of parts) {
    const last = spans.at(-1);
    if (last !== undefined && part.from - last.to <= GAP && part.to - last.from <= RANGE_LIMIT) {
      last.to = Math.max(last.to, part.to);
      last.parts.push(part);
    } else spans.push({ ...part, parts: [part] });
  }
  return spans;
}

/** One part may be longer than a range. */
async function readAll(
  place: Pick<ArtifactPlace, 'read'>,
  digest: string,
  { from, to }: BlobRange,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes: Buffer[] = [];
  for (let at = from; at < to; at += RANGE_LIMIT) {
    signal.throwIfAborted();
    bytes.push(await place.read(digest, at, Math.min(at + RANGE_LIMIT, to)));
  }
  return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes);
}
