-- The feeds that an image relies on, by name.
alter table console_image add column feeds text[] not null default '{}';
