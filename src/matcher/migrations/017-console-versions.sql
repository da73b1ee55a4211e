-- How many images have each version of a package, and how many have a package at all: counted as images change, because
-- most images have some packages, and looking into each of them takes as long as there are images.

create table console_version (
  package int not null,
  version text collate "C" not null,
  images int not null, -- the newest of each name
  images_all int not null,
  primary key (package, version)
) with (fillfactor = 80);

insert into console_version (package, version, images, images_all)
select m.package, m.version, count(distinct i.id) filter (where i.newest), count(distinct i.id)
from console_content c
join console_image i on i.id = c.image
cross join lateral unnest(c.components) as own (id)
join console_component m on m.id = own.id
group by m.package, m.version;

create table package_images as
select m.package, count(distinct c.image) as images
from console_content c
cross join lateral unnest(c.components) as own (id)
join console_component m on m.id = own.id
group by m.package;

-- Only now: nobody reads the table until this transaction ends, and counting takes a minute for 50,000 images.
alter table console_package add column images_all int not null default 0;
update console_package p set images_all = s.images from package_images s where p.id = s.package;
drop table package_images;

-- The newest images in the order of their pages.
create index console_image_newest on console_image (id) where newest;

-- What the overview adds up of images, without reading the rest of them.
create index console_image_sums on console_image (newest)
  include (coverage, state, act_now, unknown, negligible, low, medium, high, critical);

-- Its severity is that of a finding which an image has lost: whether another image still has one is to be looked up.
alter table console_cve add column severity_due boolean not null default false;
create index console_cve_severity_due on console_cve (id) where severity_due;

-- Images of which nothing is known.
create index console_image_unchecked on console_image (id) where coverage in ('unchecked', 'pending');
