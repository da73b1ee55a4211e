/** Less write-ahead log: the first change of a page after a checkpoint writes the whole page, and an import changes many. */
import type { Session } from '../../db/database.ts';

/**
 * Has pages compressed in the log until the transaction ends, as well as the server can, where our user may say so: a
 * superuser, as in PostgreSQL's own images. Others are left as they are; `wal_compression` can be set for the server as
 * well.
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
