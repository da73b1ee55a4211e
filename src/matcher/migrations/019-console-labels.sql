-- What is open in the images of each label, counted as images change: the overview and the list of CVEs by label.

create table console_label (
  id int generated always as identity primary key,
  key text collate "C" not null,
  value text collate "C" not null,
  images int not null default 0, -- the newest of each name
  images_all int not null default 0,
  counted timestamptz, -- when all of it was last counted; null: to be counted
  unique (key, value)
) with (fillfactor = 80);

create table console_label_cve (
  label int not null,
  cve int not null,
  images int not null,
  images_all int not null,
  findings int not null,
  findings_all int not null,
  fixable int not null,
  fixable_all int not null,
  weight double precision not null,
  weight_all double precision not null,
  primary key (label, cve)
) with (fillfactor = 80);

-- As console_unit: of the newest images of each name.
create table console_label_unit (
  label int not null,
  cve int not null, -- 0: all of the package
  package int not null,
  images int not null,
  findings int not null,
  fixable int not null,
  weight double precision not null,
  weight_fixable double precision not null,
  primary key (label, cve, package)
) with (fillfactor = 80);

-- Labels of an image that was deleted: what changed is filtered by them.
alter table console_change add column labels jsonb;

-- The upkeep of the console counts them (store/labels.ts): of each key the thousand values that most images have.
insert into console_label (key, value)
select key, value
from (
  select l.key, l.value, row_number() over (partition by l.key order by count(*) desc, l.value) as place
  from console_image i cross join lateral jsonb_each_text(i.labels) l
  group by l.key, l.value
) n
where place <= 1000;
