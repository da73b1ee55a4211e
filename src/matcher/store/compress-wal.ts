/** Less write-ahead log: the first change of a page after a checkpoint writes the whole page, and an import changes many. */
import type { Session } from '../../db/database.ts';

/**
 * Has pages compressed in the log until the transaction ends, where our user may say so: a superuser, as in PostgreSQL's
 * own images. Others are left as they are; `wal_compression` can be set for the server as well.
 */
export async function compressWal(tx: Session): Promise<void> {
  await tx.query({
    name: 'compress-wal',
    text: `
      select set_config('wal_compression', case when 'lz4' = any (enumvals) then 'lz4' else 'on' end, true)
      from pg_settings
      where name = 'wal_compression' and setting = 'off'
        and exists (select from pg_roles where rolname = current_user and rolsuper)`,
  });
}
