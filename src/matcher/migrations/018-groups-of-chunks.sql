-- What each vulnerability or CVE of a chunk says: of a chunk that changed, only those that changed are read and loaded.

alter table pulled_chunk add column sums bytea not null default ''; -- eight bytes for each of `names`; '': unknown
