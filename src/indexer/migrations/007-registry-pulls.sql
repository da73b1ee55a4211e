-- Images of registries that are to be indexed: pushed (events), found by a walk of a catalog, or asked for by Harbor. A row of an
-- event or a walk is there until its image is indexed or given up; one of Harbor, with its outcome, until nobody asks for it any more.
create table registry_pull (
  id bigint generated always as identity primary key,
  key text not null unique, -- HOST/REPOSITORY:TAG, …@DIGEST, or the id of a scan of Harbor
  source text not null, -- JSON: host, repository, tag or digest
  request text, -- JSON: what Harbor asked for; null: nobody asks for the outcome
  credentials bytea, -- sealed; null: those of the configuration, or the work has ended
  -- Not before this may a worker take it. Who works on it keeps it in the future: a dead worker's pull comes due again.
  due timestamptz not null default now(),
  submitted timestamptz not null default now(),
  owner text, -- null: nobody works on it
  attempts int not null default 0,
  again boolean not null default false, -- pushed once more while somebody works on it
  error text, -- of the last attempt
  ended timestamptz, -- null: it waits, or is worked on
  outcome text -- JSON: digests of the images; null: it failed
);
create index registry_pull_due on registry_pull (due, id) where ended is null;
create index registry_pull_ended on registry_pull (ended) where ended is not null;

-- Which images registries have, as far as events and walks tell.
create table registry_image (
  registry text not null,
  repository text not null,
  name text not null, -- a tag, or a digest where there is none
  digest text not null, -- what the name stands for: an image, or an index
  manifests text[] not null, -- digests of the images in it
  seen timestamptz not null default now(),
  primary key (registry, repository, name)
);
create index registry_image_manifests on registry_image using gin (manifests);

-- How far the walk of a catalog is: what dies in the middle goes on where it was.
create table registry_walk (
  registry text primary key,
  due timestamptz not null default now(),
  owner text,
  started timestamptz, -- null: no walk is under way
  repository text -- the last that was read; null: none yet
);
