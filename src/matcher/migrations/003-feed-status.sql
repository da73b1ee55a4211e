-- When each feed is asked next, how often it failed in a row, and whether its set still lists it.

alter table feed
  add column next_try timestamptz, -- null: at once
  add column asked_with text not null default '', -- reader of the last attempt: another one need not wait for next_try
  add column failures int not null default 0, -- in a row
  add column fingerprint_at timestamptz, -- when upstream last had something else
  add column vanished_at timestamptz; -- since when the list of its set lacks it; null: it is there

-- Each attempt writes its row: there is room for it on the same page, and no index has to know.
alter table feed set (fillfactor = 50);

alter table feed_set
  add column next_try timestamptz,
  add column asked_with text not null default '', -- configuration of the last attempt
  add column failures int not null default 0;
