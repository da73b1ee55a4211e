-- One row when the first poll is done: updaters that are seen later are new feeds.
create table notifier_first_poll (
  singular bool primary key default true check (singular),
  at timestamptz not null
);

-- How far each updater's runs are processed. Who processes them holds the row's lock.
create table notifier_updater (
  name text collate "C" primary key,
  ref uuid, -- of the last run that is processed; null: none yet
  run_date text, -- when the matcher made it, as it says
  processed timestamptz
);

-- A set of notifications: what one run of an updater changed.
create table notification (
  id uuid primary key,
  updater text not null,
  ref uuid not null, -- of the run
  items int not null,
  created timestamptz not null,
  deleted timestamptz, -- null: nobody has said yet that it is dealt with
  forgotten bool not null default false -- its parts are being deleted: to clients it is gone
);
create index notification_created on notification (created);
create index notification_gone on notification (id) where deleted is not null or forgotten;

-- Most manifests of a set share their vulnerabilities.
create table notification_vulnerability (
  notification uuid not null references notification on delete cascade,
  key uuid not null, -- of the text
  body text not null, -- JSON; plain text, because it is only ever read whole
  primary key (notification, key)
);

create table notification_item (
  notification uuid not null references notification on delete cascade,
  id uuid not null,
  manifest text not null,
  reason text not null,
  vulnerability uuid not null, -- key
  primary key (notification, id)
);

-- One row for each target that a set goes to, in the order in which it gets them.
create table notification_delivery (
  id bigint generated always as identity primary key,
  position bigint generated always as identity,
  notification uuid not null references notification on delete cascade,
  target text not null, -- webhook, amqp, stomp
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead', 'deleted')),
  attempts int not null default 0,
  due timestamptz not null,
  last_attempt timestamptz,
  last_error text,
  ended timestamptz, -- delivered, dead or deleted
  unique (notification, target)
);
create index notification_delivery_queue on notification_delivery (target, position) where state = 'waiting';
create index notification_delivery_state on notification_delivery (state, id);

-- Who delivers to a target at the moment: one replica, so that order is kept and nothing goes out twice.
create table notification_target (
  name text primary key,
  owner text,
  until timestamptz not null default now()
);
