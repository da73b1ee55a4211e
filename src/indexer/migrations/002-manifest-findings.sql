-- What of each manifest is looked up in the advisories, for the way back: from advisories to manifests.
-- Images share most of it, so each finding is there once, and a manifest has one row with the numbers of its own.

create table finding_scope (
  id int generated always as identity primary key,
  key text collate "C" not null unique
);

create table finding (
  id int generated always as identity primary key,
  digest bytea not null unique, -- of all that follows
  scope int not null,
  name text collate "C" not null,
  kind text collate "C" not null,
  module text not null, -- '' if none
  arch text, -- null: it does not say its own
  version text not null,
  key bytea -- null: the version has no place in byte order, or cannot be read
);
create index finding_match on finding (scope, name, kind);

create table manifest_finding (
  manifest bigint primary key references manifest on delete cascade,
  revision text not null, -- of what made findings of the report
  findings int[] not null -- ascending
);
-- Without a list of pending entries, which every look-up would read through.
create index manifest_finding_findings on manifest_finding using gin (findings) with (fastupdate = off);
