/** Migrations only add: two releases read one database while processes are replaced (docs/how-to/upgrade.md). */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './imports.ts';
import { subtractions } from './migration-rule.ts';

/** On a line of its own in a file that takes something away, which no release used any more; the changelog names the file. */
const EXCEPTION = /^-- takes away: \S.*$/m;

/** The last file of each service in 0.2.0. It is the first release: what its files take away nobody has read. */
const FIRST_RELEASE: Readonly<Record<string, number>> = { indexer: 4, matcher: 5, notifier: 2 };

describe('migrations', () => {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const files = globSync('src/*/migrations/*.sql', { cwd: ROOT }).sort();

  const serviceOf = (file: string): string => file.split('/')[1] ?? '';

  it('are there for each service', () => {
    for (const [service, last] of Object.entries(FIRST_RELEASE))
      assert.ok(files.filter((file) => serviceOf(file) === service).length >= last, service);
    assert.deepEqual([...new Set(files.map(serviceOf))], Object.keys(FIRST_RELEASE));
  });

  for (const file of files) {
    if (Number.parseInt(basename(file), 10) <= FIRST_RELEASE[serviceOf(file)]!) continue;
    it(`${file} takes nothing from the release before`, () => {
      const sql = readFileSync(join(ROOT, file), 'utf8');
      if (EXCEPTION.test(sql)) assert.ok(changelog.includes(basename(file)), 'the changelog has to say so');
      else assert.deepEqual(subtractions(sql), []);
    });
  }
});

describe('the rule for migrations', () => {
  const allowed = [
    '',
    '-- drop table a;\n/* drop table b; */',
    'create table a (id int primary key, name text not null unique, check (id > 0));',
    'create table a (id int); create unique index a_id on a (id); alter table a alter column id type bigint; drop table a;',
    'create table b (a int references old on delete cascade, c int references old (id) on delete set null);',
    'create table b (id int primary key); create table c (b int references b);',
    "alter table old add column n int not null default 0, add column t text default 'a; drop table b, c', add column u int;",
    'alter table old set (fillfactor = 50);',
    "alter index old_n set (fastupdate = off); select gin_clean_pending_list('old_n');",

    'alter table old alter column n set statistics 0;',
    'create function f() returns int language sql as $$ select 1; drop table old $$; create view v as select 1;',
    'create trigger told after insert on old for each statement execute function f();',
    'create index old_name on old (name) where name is not null;',
    "insert into old values ('drop table x;', $$ drop table y; $$); update old set n = 1;",
  ];
  for (const sql of allowed) {
    it(`allows ${JSON.stringify(sql).slice(0, 60)}`, () => assert.deepEqual(subtractions(sql), []));
  }

  const refused = [
    'drop table old',
    'DROP  TABLE\n old;',
    'alter table old drop column n;',
    'alter table old add column n int, drop column m;',
    'alter table old rename to new;',
    'alter table old rename column a to b;',
    'alter table old alter column n type bigint;',
    'alter table old alter column n set not null;',
    'alter table old add column n int not null;',
    'alter table old add column n int unique;',
    'alter table old add column n int check (n > 0);',
    'alter table old add column n int references other;',
    'alter table old add constraint c check (n > 0);',
    'create unique index old_n on old (n);',
    'create table b (a int not null references old);',
    'create table b (a int references old (id) on update cascade, b int);',
    'delete from old;',
    'truncate old;',
    "select lo_unlink('old');",
    'drop index old_n;',
    'drop view v;',
    'create or replace view v as select 1;',
    'do $$ begin drop table old; end $$;',
    'create table old2 (id int); drop table old;',
  ];
  for (const sql of refused) {
    it(`refuses ${sql}`, () => assert.equal(subtractions(sql).length, 1, sql));
  }
});
