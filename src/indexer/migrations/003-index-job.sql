-- Manifests that were handed in to be indexed later, by any replica. A row is there until its manifest is indexed or
-- given up; the outcome is the report.
create table index_job (
  id bigint generated always as identity primary key,
  manifest text not null unique, -- digest
  layers text not null, -- JSON; with headers, which may be secret
  -- Not before this may a worker take it. Who works on it keeps it in the future: a dead worker's job comes due again.
  due timestamptz not null default now(),
  submitted timestamptz not null default now(),
  owner text, -- null: nobody works on it
  attempts int not null default 0,
  error text, -- of the last attempt
  layers_total int not null,
  layers_done int not null default 0,
  bytes bigint not null default 0
);
create index index_job_due on index_job (due, id);
