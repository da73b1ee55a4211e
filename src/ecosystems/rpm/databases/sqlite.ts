/** Reads the headers in rpm's SQLite database, `rpmdb.sqlite`. */
import { messageOf } from '../../../errors.ts';
import type { FileBytes } from '../../../formats/file-bytes.ts';
import { openSqlite, type SqliteFile } from '../../../formats/sqlite/file.ts';
import type { HeaderBlob } from './header-blob.ts';

/** The headers in `bytes`, for which `isSqlite` holds. Throws if nothing can be read. */
export function* readSqlite(bytes: FileBytes): Generator<HeaderBlob> {
  const file = openDatabase(bytes);
  // rpm's lib/backend/sqlite.c: create table Packages (hnum integer primary key autoincrement, blob blob not null)
  const rows = file.table('Packages');
  for (const reason of file.damage) yield { record: 'the list of tables', reason };
  if (rows === undefined) throw new TypeError('there is no table Packages');
  for (const entry of rows) {
    if ('reason' in entry) {
      yield { record: `page ${entry.page}`, reason: entry.reason };
      continue;
    }
    const record = `row ${entry.row}`;
    const blob = entry.values[1];
    yield Buffer.isBuffer(blob) ? { record, blob } : { record, reason: 'there is no header in it' };
  }
}

function openDatabase(bytes: FileBytes): SqliteFile {
  try {
    return openSqlite(bytes);
  } catch (error) {
    throw new TypeError(messageOf(error), { cause: error });
  }
}
