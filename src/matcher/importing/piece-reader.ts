/** Reads the pieces of a feed that the last import did not read just so. */
import { hash } from 'node:crypto';
import type { FeedContext, Piece } from '../../contract/feed.ts';
import { DIGEST_LENGTH, type ReadPieces } from '../store/feed-pieces.ts';

export interface PieceReader {
  /** What came of it, once all is read. */
  readonly outcome: ReadPieces;
  /** The records of those that are not known, each with the number of its piece. */
  records<T>(
    pieces: AsyncIterable<Piece<T>>,
    problem: FeedContext['problem'],
  ): AsyncGenerator<readonly [record: T, piece: number]>;
  /** Something of this piece could not be kept: it is read again the next time. */
  doubt(piece: number): void;
}

/** `known`: digests of the pieces that `reader` read the last time. */
export function pieceReader(reader: string, known: ReadonlySet<string>): PieceReader {
  const gone = new Set(known);
  const read: (string | undefined)[] = [];
  const seen = new Set<string>(); // of those that are read
  const doubt = (piece: number): void => {
    read[piece] = undefined;
  };
  return {
    outcome: {
      reader,
      gone,
      read,
      get kept() {
        return known.size - gone.size;
      },
    },
    doubt,
    async *records(pieces, problem) {
      for await (const { content, read: readPiece } of pieces) {
        const digest = digestOf(content);
        // One that is there twice says nothing more the second time.
        if (gone.delete(digest) || known.has(digest) || seen.has(digest)) continue;
        seen.add(digest);
        const piece = read.push(digest) - 1;
        const tell: FeedContext['problem'] = (each) => {
          doubt(piece);
          problem(each);
        };
        for (const record of readPiece(tell)) yield [record, piece];
      }
    },
  };
}

function digestOf(content: Uint8Array | string): string {
  return hash('sha256', content, 'buffer').toString('latin1', 0, DIGEST_LENGTH);
}
