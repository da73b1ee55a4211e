/** Reads and writes `feed_piece`: the pieces of a feed at its last import, and the advisories in each. */
import { encodeCopyRow, type Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

/** Length of a digest in bytes. */
export const DIGEST_LENGTH = 16;

/** Returns the digests (latin1) of the pieces that `reader` read without a problem; empty if another reader did the last import. */
export async function loadPieces(tx: Session, feed: number, reader: string): Promise<Set<string>> {
  const [row] = await tx.query<{ digests: Buffer | null }>({
    name: 'load-pieces',
    text: `
      select string_agg(digest, '') as digests
      from feed_piece where feed = (select id from feed where id = $1 and pieces_by = $2)`,
    values: [feed, reader],
  });
  const digests = row?.digests?.toString('latin1') ?? '';
  return new Set(
    Array.from({ length: digests.length / DIGEST_LENGTH }, (_, n) =>
      // An own copy: a part of the long text would keep all of it.
      Buffer.from(digests.slice(n * DIGEST_LENGTH, (n + 1) * DIGEST_LENGTH), 'latin1').toString('latin1'),
    ),
  );
}

/** Pieces of one load: unchanged, removed and read. */
export interface ReadPieces {
  readonly reader: string;
  /** Number of unchanged pieces. */
  readonly kept: number;
  /** Digests of removed pieces. */
  readonly gone: ReadonlySet<string>;
  /** Digests of read pieces, by their numbers in `staged`; undefined for a piece with a problem. */
  readonly read: readonly (string | undefined)[];
}

/**
 * Deletes pieces that were removed or had a problem. Their advisories are put into `held`, to be replaced unless an unchanged
 * piece contains them too.
 */
export async function dropPieces(tx: Session, feed: number, { kept, gone }: ReadPieces): Promise<void> {
  const digests = [...gone].map((digest) => Buffer.from(digest, 'latin1'));
  await tx.query({
    text: `
      with dropped as (
        delete from feed_piece where feed = $1 and (digest is null or digest = any ($2::bytea[]))
        returning advisories)
      insert into held (id, digest, stays)
      select a.id, a.digest, false
      from (select distinct unnest(advisories) as id from dropped) d
      join advisory a on a.id = d.id and a.until_run is null`,
    values: [feed, digests],
  });
  const [left] = await tx.query<{ pieces: number }>({
    text: 'select count(*) as pieces from feed_piece where feed = $1',
    values: [feed],
  });
  if (left!.pieces !== kept)
    throw new AppError('feed', 'another update came in between: the next one reads the feed again');
  await tx.query({
    text: `
      update held set stays = true
      from (select unnest(advisories) as id from feed_piece where feed = $1) kept
      where kept.id = held.id`,
    values: [feed],
  });
}

/** Deletes all pieces: the feed was loaded without pieces. */
export async function forgetPieces(tx: Session, feed: number): Promise<void> {
  await tx.query({
    name: 'forget-pieces',
    text: 'delete from feed_piece where feed = $1',
    values: [feed],
  });
}

/** Stores the pieces that were read, with the current rows of the digests in `said`. */
export async function savePieces(tx: Session, feed: number, { reader, read }: ReadPieces): Promise<void> {
  await tx.query({ text: 'create temp table read_piece (piece int, digest bytea) on commit drop' });
  await tx.copyIn(
    'copy read_piece from stdin',
    (async function* () {
      for (const [piece, digest] of read.entries())
        yield encodeCopyRow([piece, digest === undefined ? null : Buffer.from(digest, 'latin1')]);
    })(),
  );
  await tx.query({
    text: `
      insert into feed_piece (feed, digest, advisories)
      select $1, p.digest, coalesce(s.advisories, '{}')
      from read_piece p
      left join (select piece, array_agg(distinct id) as advisories from said group by piece) s using (piece)`,
    values: [feed],
  });
  await tx.query({
    name: 'note-pieces-reader',
    text: 'update feed set pieces_by = $2 where id = $1 and pieces_by <> $2',
    values: [feed, reader],
  });
}
