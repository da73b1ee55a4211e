-- What the console reads: each distinct finding once, which images have which of them, and counts of all that is listed.
-- It can be made anew of the index reports and the advisories at any time; decisions (009) cannot.

create table console_cve (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  aliases text[] not null,
  title text not null,
  severity smallint not null, -- the highest of its findings
  cvss real,
  cvss_vector text,
  cvss_source text,
  epss real,
  exploited boolean not null,
  exploited_at timestamptz, -- since when that is known here; null: from the start
  likelihood real not null, -- src/model/risk.ts
  first_seen timestamptz not null,
  words tsvector not null,
  -- What is open, of the newest images of each name, and of all.
  images int not null default 0,
  images_all int not null default 0,
  findings int not null default 0,
  findings_all int not null default 0,
  fixable int not null default 0,
  fixable_all int not null default 0,
  weight double precision not null default 0, -- sum of impacts: one for each image and source package
  weight_all double precision not null default 0,
  risk double precision not null generated always as (likelihood * weight) stored,
  risk_all double precision not null generated always as (likelihood * weight_all) stored
);
create index console_cve_risk on console_cve (risk desc, id desc) where images > 0;
create index console_cve_risk_all on console_cve (risk_all desc, id desc) where images_all > 0;
create index console_cve_aliases on console_cve using gin (aliases);
create index console_cve_words on console_cve using gin (words);

create table console_package (
  id int generated always as identity primary key,
  type text collate "C" not null,
  name text collate "C" not null, -- of the source package
  words tsvector not null,
  -- Of the newest images of each name.
  images int not null default 0, -- that have it, with findings or without
  findings int not null default 0,
  fixable int not null default 0,
  risk double precision not null default 0,
  fixable_risk double precision not null default 0,
  unique (type, name)
);
create index console_package_fixable on console_package (fixable_risk desc, id desc) where images > 0;
create index console_package_name on console_package (name, type);
create index console_package_words on console_package using gin (words);

-- A package as it is installed.
create table console_component (
  id int generated always as identity primary key,
  digest bytea not null unique, -- of all that follows
  package int not null,
  name text not null,
  version text not null,
  purl text
);
create index console_component_package on console_component (package);

create table console_finding (
  id int generated always as identity primary key,
  digest bytea not null unique, -- of all that follows but since
  cve int not null,
  package int not null,
  component int not null,
  severity smallint not null,
  severity_source text,
  impact real not null, -- with the factor for what has no fix
  fixes text[] not null,
  undecided boolean not null,
  feed text,
  since timestamptz not null
);
create index console_finding_cve on console_finding (cve);
create index console_finding_package on console_finding (package);

-- What is open of a vulnerability and a source package, in the newest images of each name.
create table console_unit (
  cve int not null,
  package int not null,
  findings int not null,
  fixable int not null,
  weight double precision not null,
  weight_fixable double precision not null,
  primary key (cve, package)
) with (fillfactor = 80);
create index console_unit_package on console_unit (package);

create table console_image (
  id int generated always as identity primary key,
  digest text collate "C" not null unique,
  version text not null default '', -- of what the indexer said last
  state text not null default '',
  error text,
  indexed timestamptz,
  last_seen timestamptz,
  name text, -- the newest, with its tag
  names jsonb not null default '[]',
  labels jsonb not null default '{}',
  instructions jsonb,
  in_use boolean not null default false,
  newest boolean not null default true, -- of one of its repositories, or it has none
  words tsvector not null default '',
  layers text[] not null default '{}',
  chain bytea, -- digest of its layers in their order
  distribution text,
  packages int not null default 0,
  checked int not null default 0,
  coverage text not null default 'pending',
  critical int not null default 0,
  high int not null default 0,
  medium int not null default 0,
  low int not null default 0,
  negligible int not null default 0,
  unknown int not null default 0,
  cves int not null default 0,
  exploited int not null default 0,
  fixable int not null default 0,
  risk double precision, -- null: it was not checked
  accepted int not null default 0,
  not_affected int not null default 0,
  changed timestamptz, -- when its findings last changed
  matched timestamptz, -- when its findings were last looked up
  due timestamptz, -- null: its findings are those of now
  undecided boolean not null default false, -- decisions about it have changed
  failures int not null default 0,
  -- An unchecked image is never behind a clean one.
  risk_order double precision not null generated always as (coalesce(risk, 0.001)) stored
);
create index console_image_due on console_image (due) where due is not null;
create index console_image_undecided on console_image (id) where undecided;
create index console_image_risk on console_image (risk_order desc, id desc) where newest;
create index console_image_risk_all on console_image (risk_order desc, id desc);
create index console_image_indexed on console_image (indexed desc, id desc);
create index console_image_name on console_image (name, id);
create index console_image_words on console_image using gin (words);
create index console_image_labels on console_image using gin (labels jsonb_path_ops);
create index console_image_chain on console_image (chain);

-- Who has a repository now: the newest image of each.
create table console_repository (
  name text collate "C" not null,
  image int not null references console_image on delete cascade,
  tag text not null,
  at timestamptz not null,
  primary key (name, image, tag)
);
create index console_repository_newest on console_repository (name, at desc, image);
create index console_repository_image on console_repository (image);

create table console_content (
  image int primary key references console_image on delete cascade,
  findings int[] not null, -- ascending
  finding_places smallint[] not null, -- of each: which of `places`
  components int[] not null, -- ascending
  lookups int[] not null, -- ascending
  places jsonb not null, -- [[number of the layer, path]]
  ledger jsonb not null
);
create index console_content_findings on console_content using gin (findings) with (fastupdate = off);
create index console_content_components on console_content using gin (components) with (fastupdate = off);
create index console_content_lookups on console_content using gin (lookups) with (fastupdate = off);

-- What images look up in the advisories: the way back, from advisories that change.
create table console_lookup (
  id int generated always as identity primary key,
  scope text collate "C" not null, -- '': the scope is one of those that it covers
  name text collate "C" not null,
  unique (name, scope)
);

-- What changed in the findings of an image.
create table console_change (
  id bigint generated always as identity primary key,
  image int not null, -- no reference: it may be gone
  at timestamptz not null,
  cause text not null, -- indexed, feed, replaced, deleted
  -- Findings; both empty where the image itself came or went.
  came int[] not null,
  went int[] not null,
  -- How many that are: another severity of the same is neither.
  new int not null,
  gone int not null
);
create index console_change_at on console_change (at);
create index console_change_image on console_change (image, at);

create table console_day (
  day date primary key,
  critical int not null,
  high int not null,
  medium int not null,
  fixable int not null,
  exploited int not null,
  images int not null,
  runs int not null
);

-- The last tries of each feed.
create table feed_try (
  id bigint generated always as identity primary key,
  feed int not null,
  at timestamptz not null,
  error text, -- null: it went well
  changed boolean not null
);
create index feed_try_feed on feed_try (feed, id);

create function note_feed_try() returns trigger language plpgsql as $$
begin
  insert into feed_try (feed, at, error, changed)
  values (new.id, new.last_attempt, new.last_error, new.fingerprint is distinct from old.fingerprint);
  delete from feed_try t
  where t.feed = new.id
    and t.id <= (select o.id from feed_try o where o.feed = new.id order by o.id desc offset 20 limit 1);
  return null;
end $$;
create trigger feed_tried after update on feed
  for each row when (new.last_attempt is distinct from old.last_attempt)
  execute function note_feed_try();

create table console_state (
  single boolean primary key default true check (single),
  revision bigint not null default 0, -- grows whenever anything here changes
  manifests text not null default '', -- where the list of the indexer's changes was left
  runs jsonb not null default '{}', -- by feed: the last run whose changes were followed
  loaded text not null default '', -- which feeds are loaded
  facts text not null default '' -- of the enrichers, when they were last read
);
insert into console_state default values;
