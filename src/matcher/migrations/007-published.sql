-- What was loaded from a published database: only what changed in it is fetched the next time.

create table pulled_layer (
  name text primary key,
  repository text not null,
  digest text not null, -- as it is published
  scopes text[] not null, -- how the scopes of its feeds begin; none: it is for every image
  created timestamptz not null, -- the database that it is a layer of
  checked timestamptz not null, -- when the repository was last asked
  loaded text not null default '' -- digest of what was loaded of it; '': nothing
);

-- No foreign keys here and below, as in `advisory`.
create table pulled_feed (
  feed int primary key,
  run bigint not null, -- the newest one then: after another one the rows are not those of the chunks
  pieces text not null -- digest of what the layer says of the feed's pieces; '': not loaded
);

create table pulled_chunk (
  feed int not null,
  digest bytea not null, -- of its content
  names text[] not null -- of the vulnerabilities or CVEs that it speaks of: all rows about them are in it
);
create index pulled_chunk_feed on pulled_chunk (feed);

-- The last bundle that replaced all tables: it need not be loaded again.
create table loaded_bundle (
  single boolean primary key default true check (single),
  id text not null
);
