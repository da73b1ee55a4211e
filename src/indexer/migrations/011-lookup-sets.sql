-- Lookups that several manifests have together, such as those of a base image: one row, which each of these manifests names.
create table lookup_set (
  id int generated always as identity primary key,
  digest bytea not null unique, -- of the numbers in it
  lookups int[] not null -- ascending
);
alter table lookup_set alter column lookups set statistics 0;
create index lookup_set_lookups on lookup_set using gin (lookups) with (fastupdate = off);

-- A manifest has the lookups in findings, and those of its sets. Only programs that are told that no older one runs write sets.
alter table manifest_finding add column sets int[] not null default '{}';
alter table manifest_finding alter column sets set statistics 0;
create index manifest_finding_sets on manifest_finding using gin (sets) with (fastupdate = off) where sets <> '{}';

-- What an older program writes over such a row are all lookups: the sets that the row had are not those of the new report.
create function drop_sets() returns trigger language plpgsql as $$
begin
  new.sets := '{}';
  return new;
end $$;
create trigger manifest_finding_sets before update on manifest_finding
  for each row when (new.sets <> '{}' and right(new.revision, 5) <> '+sets') execute function drop_sets();

-- What a set has is in use, though a sweep of an older program does not see that.
create function keep_finding_of_set() returns trigger language plpgsql as $$
begin
  if exists (select from lookup_set where lookups @> array[old.id]) then return null; end if;
  return old;
end $$;
create trigger finding_of_set before delete on finding for each row execute function keep_finding_of_set();

alter table deleted_manifest add column sets int[] not null default '{}';
alter table deleted_manifest add column of_set boolean not null default false; -- the lookups of a deleted set

-- The same of sets as hidden_finding of lookups.
create table hidden_set (
  id int primary key,
  horizon xid8
);
