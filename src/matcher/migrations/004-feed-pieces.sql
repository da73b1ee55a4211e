-- What each piece of a feed said: a piece that is there again, unchanged, need not be read again.

alter table feed add column pieces_by text not null default ''; -- what read them; for another one they are unknown

-- No foreign keys, as in `advisory`.
create table feed_piece (
  feed int not null,
  digest bytea, -- of its content; null: something in it could not be read, so it is read again
  advisories bigint[] not null -- the current rows that it says; other pieces may say the same
);
create index feed_piece_feed on feed_piece (feed);
