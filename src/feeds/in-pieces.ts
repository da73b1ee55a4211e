/** A feed that comes whole and is read in pieces: an import skips those that it knows. */
import type { FeedContext, Fetched, Piece } from '../contract/feed.ts';

/** What was fetched, by its pieces. */
export function inPieces<T>(
  fingerprint: string,
  pieces: AsyncIterable<Piece<T>>,
  { problem }: Pick<FeedContext, 'problem'>,
): Fetched<T> {
  return { fingerprint, pieces, records: recordsOf(pieces, problem) };
}

/** All records of all pieces. */
export async function* recordsOf<T>(
  pieces: AsyncIterable<Piece<T>>,
  problem: FeedContext['problem'],
): AsyncGenerator<T> {
  for await (const piece of pieces) yield* piece.read(problem);
}
