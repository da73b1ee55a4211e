import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { AppError } from '../errors.ts';
import { testDatabase } from './database.fixture.ts';
import { connect, type Database } from './database.ts';
import { migrate, pendingMigrations } from './migrate.ts';

const folders: string[] = [];
let test: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
before(async () => {
  test = await testDatabase();
  db = await connect(test.dsn, { applicationName: 'migrate-test' });
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function files(contents: Record<string, string>): URL {
  const folder = mkdtempSync(join(tmpdir(), 'clair-migrate-test-'));
  folders.push(folder);
  for (const [name, sql] of Object.entries(contents)) writeFileSync(join(folder, name), sql);
  return pathToFileURL(`${folder}/`);
}

const first = { '001-table.sql': 'create table one (a int); insert into one values (1);', 'README.md': '' };
const second = { ...first, '002-more.sql': '-- a comment\nalter table one add b int;' };

describe('migrate', () => {
  it('runs every file once, in order, by whichever process comes first', async () => {
    const options = { ledger: 'first_ledger', directory: files(first) };
    assert.deepEqual(await pendingMigrations(db, options), ['001-table.sql']);
    const others = await Promise.all(
      [1, 2, 3].map(() => connect(test.dsn, { applicationName: 'migrate-test' })),
    );
    await Promise.all([db, ...others].map((each) => migrate(each, options)));
    for (const other of others) await other[Symbol.asyncDispose]();
    assert.deepEqual(await db.query({ text: 'select * from one' }), [{ a: 1 }]);

    const more = { ...options, directory: files(second) };
    assert.deepEqual(await pendingMigrations(db, more), ['002-more.sql']);
    await migrate(db, more);
    await migrate(db, more);
    assert.deepEqual(await db.query({ text: 'select version, name from first_ledger order by 1' }), [
      { version: 1, name: '001-table.sql' },
      { version: 2, name: '002-more.sql' },
    ]);
    assert.deepEqual(await pendingMigrations(db, more), []);

    await assert.rejects(
      migrate(db, options),
      (error) => error instanceof AppError && /version 2, newer than this release \(1\)/.test(error.message),
    );
  });
  it('leaves nothing of a file that fails, and all before it', async () => {
    const options = {
      ledger: 'broken_ledger',
      directory: files({
        '001-good.sql': 'create table good (a int)',
        '002-bad.sql': 'create table bad (a int); select 1/0;',
      }),
    };
    await assert.rejects(
      migrate(db, options),
      (error) =>
        error instanceof AppError &&
        /002-bad\.sql of broken_ledger failed: division by zero/.test(error.message),
    );
    assert.deepEqual(await pendingMigrations(db, options), ['002-bad.sql']);
    assert.deepEqual(
      await db.query({
        text: `select to_regclass('good') is not null as good, to_regclass('bad') is null as bad`,
      }),
      [{ good: true, bad: true }],
    );
  });
  it('tells a database that is another program’s', async () => {
    await db.query({ text: 'create table foreign_table (a int)' });
    const directory = files({ '001-table.sql': 'create table foreign_table (a int)' });
    await assert.rejects(migrate(db, { ledger: 'foreign_ledger', directory }), {
      code: 'database',
      message: /already exists: the database belongs to another program.*empty database$/,
    });
  });

  it('refuses names that are none', async () => {
    await assert.rejects(migrate(db, { ledger: 'x; drop', directory: files(first) }), /no name for a table/);
    await assert.rejects(
      migrate(db, { ledger: 'gap', directory: files({ '002-gap.sql': '' }) }),
      /without gaps/,
    );
  });
});

describe('a server that is too old', () => {
  it('is refused before any migration runs, with both versions', async () => {
    await using old = await testDatabase();
    {
      await using setup = await connect(old.dsn, { applicationName: 'migrate-test', max: 1 });
      // Found before the server's own function, where the schema of it comes first.
      await setup.query({
        text: `create function public.current_setting(text) returns text language sql as $$ select '120022' $$`,
      });
    }
    const dsn = `${old.dsn} options='-csearch_path=public,pg_catalog'`;
    await using db = await connect(dsn, { applicationName: 'migrate-test', max: 1 });
    const options = { ledger: 'old_ledger', directory: files(first) };
    for (const ask of [migrate, pendingMigrations]) {
      await assert.rejects(ask(db, options), {
        code: 'database',
        message: 'the server is PostgreSQL 12.22: Clair requires PostgreSQL 13 or newer. Upgrade the server',
      });
    }
    const tables = await db.query({ text: `select from pg_tables where tablename in ('one', 'old_ledger')` });
    assert.equal(tables.length, 0);
  });
});
