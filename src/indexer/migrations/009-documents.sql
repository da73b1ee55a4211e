-- Index reports and findings of layers whose text lies in a store of objects. Their rows have a reference in its place, which is
-- always 91 characters: document:sha256:HEX:SIZE. What a release before this one writes is the text again; as JSON a reference
-- cannot be read, so that no release takes it for an empty report.
create table document (
  digest text collate "C" primary key, -- sha256:… of the text
  size bigint not null, -- bytes of the text
  loose timestamptz default now(), -- since when no row may refer to it; null: one did when it was looked for
  deleting boolean not null default false -- being deleted from the store: nothing may refer to it any more
);
create index document_loose on document (loose) where loose is not null;

-- Who refers to a document. The length of a text is known without reading it.
create index index_report_document on index_report using hash (report) where octet_length(report) = 91;
create index layer_scan_document on layer_scan using hash (findings) where octet_length(findings) = 91;

create function note_loose_document() returns trigger language plpgsql as $$
begin
  update document set loose = now() where digest = substr(to_jsonb(old) ->> tg_argv[0], 10, 71);
  return null;
end $$;
create trigger index_report_document after update or delete on index_report
  for each row when (octet_length(old.report) = 91) execute function note_loose_document('report');
create trigger layer_scan_document after update or delete on layer_scan
  for each row when (octet_length(old.findings) = 91) execute function note_loose_document('findings');

-- takes away: nothing; a report that only moves is not told as changed, and no release before this one sets clair.moving
create or replace function note_index_report() returns trigger language plpgsql as $$
begin
  if current_setting('clair.moving', true) = 'on' then return null; end if;
  insert into manifest_change as c (digest, changed, gone)
  select m.digest, pg_current_xact_id(), false
  from written w join manifest m on m.id = w.manifest
  where w.state in ('IndexFinished', 'IndexError')
  order by m.digest
  on conflict (digest) do update set changed = excluded.changed, gone = false;
  return null;
end $$;
