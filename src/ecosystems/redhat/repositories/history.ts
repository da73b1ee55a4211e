/** Reads the history that dnf keeps: from which repository each package was installed. */

import type { Detection, LayerView } from '../../../contract/detector.ts';
import { messageOf } from '../../../errors.ts';
import { identifierOf } from '../../../formats/json/file.ts';
import { isSqlite, openSqlite, type SqliteFile } from '../../../formats/sqlite/file.ts';
import type { SqliteValue } from '../../../formats/sqlite/record.ts';
import { withWal } from '../../../formats/sqlite/wal.ts';

/** Of dnf 5, and of dnf 4: where a layer has both, the older is left over from before. */
const DATABASES = ['usr/lib/sysimage/libdnf5/transaction_history.sqlite', 'var/lib/dnf/history.sqlite'];

const WAL = '-wal';
const PATHS: ReadonlySet<string> = new Set(DATABASES.flatMap((path) => [path, path + WAL]));

/** Rows of one table; a machine that was updated every day for years has fewer. */
const MAX_ROWS = 1_000_000;

/** `name`, `[epoch:]version-release` and `arch` of an rpm -> id of the repository it was installed from. */
export type RepositoryOfRpm = ReadonlyMap<string, string>;

/** Whether dnf keeps a history, or what is not yet in it, at `path`. */
export function isHistoryPath(path: string): boolean {
  return PATHS.has(path);
}

/** The key of an rpm in what `historyOf` gives. */
export function historyKey(name: string, version: string, arch: string): string {
  return `${name}\0${version}\0${arch}`;
}

/** From where the rpms of this layer are; empty if dnf says nothing. What cannot be read is added to `problems`. */
export function historyOf(layer: LayerView, problems: Detection[]): RepositoryOfRpm {
  const path = DATABASES.find((each) => layer.file(each) !== undefined);
  const file = path === undefined ? undefined : layer.file(path);
  if (path === undefined || file === undefined) return new Map();
  const problem = (reason: string) => problems.push({ found: 'problem', where: path, reason });
  try {
    if (!isSqlite(file)) throw new TypeError('it is no database of SQLite');
    const wal = layer.file(path + WAL);
    return readHistory(openSqlite(wal === undefined ? file : withWal(file, wal)), problem);
  } catch (error) {
    problem(messageOf(error));
    return new Map();
  }
}

type Row = (column: number) => SqliteValue | undefined;

/** libdnf's sql/create.sql has numbers and texts where libdnf5's has numbers of names; their columns are the same. */
function readHistory(file: SqliteFile, problem: (reason: string) => void): RepositoryOfRpm {
  for (const reason of file.damage) problem(`the list of tables: ${reason}`);

  function* rows(table: string): Generator<{ readonly id: bigint; readonly at: Row }> {
    const all = file.table(table);
    if (all === undefined) {
      problem(`there is no table ${table}`);
      return;
    }
    let [count, damaged] = [0, 0];
    for (const entry of all) {
      count += 1;
      if (count > MAX_ROWS) {
        problem(`${table}: the rows after the first ${MAX_ROWS} are not read`);
        return;
      }
      if ('row' in entry) yield { id: entry.row, at: (column) => entry.values[column] };
      else damaged += 1;
    }
    if (damaged > 0) problem(`${table}: ${damaged} pages or rows are damaged`);
  }

  /** A table of names. */
  const names = (table: string): Map<bigint, string> =>
    new Map(Array.from(rows(table), ({ id, at }) => [id, textOf(at(1))]));

  // sqlite.org/lang_createtable.html#rowid: the column id is the number of the row.
  const repositories = names('repo');
  const actionsByName = file.table('trans_item_action') && names('trans_item_action');
  const installed = new Map<bigint, { readonly transaction: bigint; readonly repository: string }>();
  // differs: only the transactions that install a package say from where it is (clair-indexing.md#red-hat-repositories)
  for (const { id, at } of rows('trans_item')) {
    const [item, repository, action] = [at(2), at(3), at(4)];
    if (typeof item !== 'bigint' || typeof repository !== 'bigint' || typeof action !== 'bigint') continue;
    const installs = actionsByName
      ? INSTALLING_NAMES.has(actionsByName.get(action) ?? '')
      : INSTALLING.has(action);
    const repoid = identifierOf(repositories.get(repository));
    const known = installed.get(item);
    if (!installs || repoid === undefined || (known !== undefined && known.transaction > id)) continue;
    installed.set(item, { transaction: id, repository: repoid });
  }

  const packageNames = actionsByName && names('pkg_name');
  const arches = actionsByName && names('arch');
  const found = new Map<string, string>();
  for (const { at } of rows('rpm')) {
    const item = at(0);
    const from = typeof item === 'bigint' ? installed.get(item) : undefined;
    if (from === undefined) continue;
    const [name, arch] = [named(packageNames, at(1)), named(arches, at(5))];
    const epoch = typeof at(2) === 'bigint' ? at(2) : 0n;
    const version = `${epoch === 0n ? '' : `${epoch}:`}${textOf(at(3))}-${textOf(at(4))}`;
    found.set(historyKey(name, version, arch), from.repository);
  }
  return found;
}

// What puts a package there. What takes one away, or only changes its reason, names no repository that it is from.
// libdnf, transaction/Types.hpp: 1 install, 2 downgrade, 4 obsolete (another), 6 upgrade, 9 reinstall
const INSTALLING: ReadonlySet<bigint> = new Set([1n, 2n, 4n, 6n, 9n]);
// libdnf5, transaction_item_action.cpp
const INSTALLING_NAMES: ReadonlySet<string> = new Set(['Install', 'Upgrade', 'Downgrade', 'Reinstall']);

function named(names: ReadonlyMap<bigint, string> | undefined, value: SqliteValue | undefined): string {
  if (names === undefined) return textOf(value);
  return typeof value === 'bigint' ? (names.get(value) ?? '') : '';
}

/** A version of digits alone may have been stored as a number. */
function textOf(value: SqliteValue | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : '';
}
