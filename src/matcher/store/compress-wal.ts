/** Reduces write-ahead log: the first change of a page after a checkpoint writes the whole page, and an import changes many. */
import type { Session } from '../../db/database.ts';

/**
 * Enables the best available compression of pages in the log until the transaction ends, if the user may set it (a superuser, as
 * in PostgreSQL's own images). Does nothing otherwise; operators can set `wal_compression` for the server.
 */
export async function compressWal(tx: Session): Promise<void> {
  await tx.query({
    name: 'compress-wal',
    text: `
      select set_config('wal_compression', coalesce(
        (select method from unnest('{zstd,lz4}'::text[]) with ordinality as known (method, place)
          where method = any (enumvals) order by place limit 1), 'on'), true)
      from pg_settings
      where name = 'wal_compression' and setting = 'off'
        and exists (select from pg_roles where rolname = current_user and rolsuper)`,
  });
}
