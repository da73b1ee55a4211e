-- What each detector found in each layer: one row, however many packages. Shared by all manifests with that layer.
create table layer_scan (
  layer text not null,
  detector text not null, -- id:revision:kind
  findings text not null, -- JSON; plain text, because it is only ever read whole
  primary key (layer, detector)
);

create table manifest (
  id bigint generated always as identity primary key,
  digest text not null unique
);

create table manifest_layer (
  manifest bigint not null references manifest on delete cascade,
  position int not null, -- 0 is the base
  layer text not null,
  primary key (manifest, position)
);
create index manifest_layer_layer on manifest_layer (layer);

create table index_report (
  manifest bigint primary key references manifest on delete cascade,
  state text not null, -- of the report: IndexFinished, IndexError, or the step being done
  indexer_state text not null, -- of the indexer that wrote it
  report text not null, -- the bytes that clients get: never re-encoded
  updated timestamptz not null default now()
);
