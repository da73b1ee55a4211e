-- Sets that are being gathered: how far, so that whoever goes on does not begin anew. Nothing is delivered of them yet.
create table notifier_gathering (
  notification uuid primary key references notification on delete cascade,
  updater text not null,
  changes int not null default 0, -- dealt with
  chunk text not null default '', -- digest of those, and of what is dealt with now
  next text not null default '', -- how far in the manifests of what is dealt with now
  failures int not null default 0 -- since something was last saved
);
create index notifier_gathering_updater on notifier_gathering (updater);
