-- What is said of images beside their content, and a list of changes for who keeps a copy: the console of the matcher.

-- By digest and not by manifest: it may be said before the manifest is indexed.
create table manifest_about (
  digest text collate "C" primary key,
  names jsonb not null default '[]', -- [{name, tag, at}], the newest first
  labels jsonb not null default '{}',
  instructions jsonb, -- what made each layer, the base first; null: not told
  in_use boolean not null default false,
  updated timestamptz not null default now()
);
create index manifest_about_updated on manifest_about (updated);

create table manifest_change (
  digest text collate "C" primary key,
  changed xid8 not null, -- of the last transaction that changed it
  gone boolean not null
);
create index manifest_change_changed on manifest_change (changed, digest);

create function note_index_report() returns trigger language plpgsql as $$
begin
  insert into manifest_change as c (digest, changed, gone)
  select m.digest, pg_current_xact_id(), false
  from written w join manifest m on m.id = w.manifest
  where w.state in ('IndexFinished', 'IndexError')
  order by m.digest
  on conflict (digest) do update set changed = excluded.changed, gone = false;
  return null;
end $$;
create trigger index_report_inserted after insert on index_report
  referencing new table as written for each statement execute function note_index_report();
create trigger index_report_updated after update on index_report
  referencing new table as written for each statement execute function note_index_report();

create function note_manifest_deleted() returns trigger language plpgsql as $$
begin
  delete from manifest_about a using deleted d where a.digest = d.digest;
  insert into manifest_change as c (digest, changed, gone)
  select digest, pg_current_xact_id(), true from deleted order by digest
  on conflict (digest) do update set changed = excluded.changed, gone = true;
  return null;
end $$;
create trigger manifest_deleted after delete on manifest
  referencing old table as deleted for each statement execute function note_manifest_deleted();

create function note_manifest_about() returns trigger language plpgsql as $$
begin
  insert into manifest_change as c (digest, changed, gone)
  select w.digest, pg_current_xact_id(), false
  from written w join manifest m on m.digest = w.digest
  order by w.digest
  on conflict (digest) do update set changed = excluded.changed, gone = false;
  return null;
end $$;
create trigger manifest_about_inserted after insert on manifest_about
  referencing new table as written for each statement execute function note_manifest_about();
create trigger manifest_about_updated after update on manifest_about
  referencing new table as written for each statement execute function note_manifest_about();

insert into manifest_change (digest, changed, gone)
select m.digest, pg_current_xact_id(), false
from manifest m join index_report r on r.manifest = m.id
where r.state in ('IndexFinished', 'IndexError');
