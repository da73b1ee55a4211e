-- When manifests with lookups of an older release were last looked for: it reads all manifests, so one replica does it for all.
create table lookups_looked (
  revision text primary key, -- of the release that looked
  looked timestamptz not null,
  old boolean not null, -- whether any are to be replaced
  mixed boolean not null -- whether the keys of any may be in another order
);
