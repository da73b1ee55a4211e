-- What people have decided about findings, and who changed what: nothing is ever deleted of it.

create table decision (
  id bigint generated always as identity primary key,
  revision int not null default 1,
  cve text collate "C" not null, -- the canonical name
  type text, -- of the package; null: every package
  source text,
  scope text not null check (scope in ('all', 'label', 'repository', 'image')),
  scope_value text not null default '',
  status text not null check (status in ('affected', 'accepted', 'not_affected', 'under_investigation')),
  justification text,
  reason text not null,
  until date, -- the last day on which it holds
  until_fix boolean not null default false,
  made_by text not null,
  changed timestamptz not null,
  origin text not null check (origin in ('console', 'vex')),
  statement text, -- digest of the statement that it was imported from
  withdrawn boolean not null default false,
  expired boolean not null default false, -- as it was last applied
  findings int not null default 0,
  images int not null default 0
);
create index decision_cve on decision (cve) where not withdrawn;
create index decision_until on decision (until, id) where not withdrawn;
create unique index decision_statement on decision (statement) where statement is not null and not withdrawn;

create table decision_event (
  id bigint generated always as identity primary key,
  decision bigint not null references decision,
  revision int not null,
  action text not null,
  made_by text not null,
  address text,
  at timestamptz not null,
  before jsonb,
  after jsonb not null
);
create index decision_event_decision on decision_event (decision, id);

-- Which findings of which images a decision is about: of several the one that counts.
create table console_decided (
  image int not null references console_image on delete cascade,
  finding int not null,
  decision bigint not null references decision,
  closes boolean not null, -- it is no longer open
  primary key (image, finding)
);
create index console_decided_decision on console_decided (decision);
