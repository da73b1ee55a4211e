/** For tests: the history of dnf as dnf 4 and dnf 5 keep it, made by SQLite itself. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A database, and its log as it is while the database is open. */
export interface History {
  readonly bytes: Buffer;
  readonly wal: Buffer;
}

/** What SQLite itself makes of `statements`. */
export function buildDatabase(statements: string): History {
  const folder = mkdtempSync(join(tmpdir(), 'clair-dnf-'));
  const path = join(folder, 'history.sqlite');
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    database.exec(statements);
    const wal = database.prepare('pragma journal_mode').get()?.journal_mode === 'wal';
    return { bytes: readFileSync(path), wal: wal ? readFileSync(`${path}-wal`) : Buffer.alloc(0) };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

/** What a transaction did with an item, by which repository. */
export type HistoryTransaction = readonly [item: number, repository: number, action: number | string];

const PACKAGES = [
  [1, 'lib', 0, '1.0', '2.el9', 'x86_64'],
  [2, 'tool', 3, '7', '1.el9', 'noarch'],
  [3, 'lib', 0, '1.0', '2.el9', 'i686'],
] as const;
const REPOSITORIES = ['base', 'app stream', '@System', 'third'];

const text = (value: unknown) => (typeof value === 'number' ? String(value) : `'${String(value)}'`);
const insert = (table: string, rows: readonly (readonly unknown[])[]) =>
  rows.map((row) => `insert into ${table} values (${row.map(text).join(', ')});`).join('\n');

/** A history as dnf 4 keeps it. */
export function dnf4(
  transactions: readonly HistoryTransaction[],
  packages: readonly (readonly unknown[])[] = PACKAGES,
): History {
  return buildDatabase(`
    create table repo (id integer primary key, repoid text not null);
    create table rpm (item_id integer unique not null, name text not null, epoch integer not null, version text not null,
      release text not null, arch text not null);
    create table trans_item (id integer primary key autoincrement, trans_id integer, item_id integer, repo_id integer,
      action integer not null, reason integer not null, state integer not null);
    ${insert(
      'repo',
      REPOSITORIES.map((name, index) => [index + 1, name]),
    )}
    ${insert('rpm', packages)}
    ${insert(
      'trans_item',
      transactions.map(([item, repository, action], index) => [index + 1, 1, item, repository, action, 0, 1]),
    )}`);
}

const ACTIONS = ['Install', 'Upgrade', 'Downgrade', 'Reinstall', 'Remove', 'Replaced', 'Reason Change'];

/** The same as dnf 5 keeps it, in a log that is not yet in the file. */
export function dnf5(
  transactions: readonly HistoryTransaction[],
  journal: 'wal' | 'delete' = 'wal',
): History {
  const names = [...new Set(PACKAGES.map(([, name]) => name))];
  const arches = [...new Set(PACKAGES.map((each) => each[5]))];
  return buildDatabase(`
    pragma journal_mode = ${journal};
    create table "repo" ("id" integer, "repoid" text not null, primary key("id"));
    create table "pkg_name" ("id" integer, "name" text not null unique, primary key("id"));
    create table "arch" ("id" integer, "name" text not null unique, primary key("id"));
    create table "trans_item_action" ("id" integer, "name" text, primary key("id"));
    create table "trans_item" ("id" integer, "trans_id" integer, "item_id" integer, "repo_id" integer,
      "action_id" integer not null, "reason_id" integer not null, "state_id" integer not null, primary key("id" autoincrement));
    create table "rpm" ("item_id" integer not null unique, "name_id" integer not null, "epoch" integer not null,
      "version" text not null, "release" text not null, "arch_id" integer not null);
    ${insert(
      'repo',
      REPOSITORIES.map((name, index) => [index + 1, name]),
    )}
    ${insert(
      'pkg_name',
      names.map((name, index) => [index + 1, name]),
    )}
    ${insert(
      'arch',
      arches.map((name, index) => [index + 1, name]),
    )}
    ${insert(
      'trans_item_action',
      ACTIONS.map((name, index) => [index + 1, name]),
    )}
    ${insert(
      'rpm',
      PACKAGES.map(([item, name, epoch, version, release, arch]) => [
        item,
        names.indexOf(name) + 1,
        epoch,
        version,
        release,
        arches.indexOf(arch) + 1,
      ]),
    )}
    ${insert(
      'trans_item',
      transactions.map(([item, repository, action], index) => [
        index + 1,
        1,
        item,
        repository,
        ACTIONS.indexOf(String(action)) + 1,
        0,
        1,
      ]),
    )}`);
}
