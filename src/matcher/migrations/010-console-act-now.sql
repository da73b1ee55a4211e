-- Vulnerabilities of an image that need action now, by the rule of the overview; and a way to the newest with one.
alter table console_image add column act_now int not null default 0;
create index console_image_failed on console_image (indexed desc) where state = 'IndexError';
