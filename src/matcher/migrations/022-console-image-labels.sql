-- Which images have which of the counted labels: the overview adds up their columns without reading the rest of their rows.
create table console_image_label (
  label int not null,
  image int not null references console_image on delete cascade,
  primary key (label, image)
);
create index console_image_label_image on console_image_label (image);

create function note_image_labels() returns trigger language plpgsql as $$
begin
  delete from console_image_label where image = new.id;
  insert into console_image_label (label, image)
  select k.id, new.id
  from jsonb_each_text(new.labels) l join console_label k on k.key = l.key and k.value = l.value;
  return null;
end $$;
create trigger image_labelled after insert or update of labels on console_image
  for each row execute function note_image_labels();

-- A label that no image had when it came, or that was refused before.
create function note_label_images() returns trigger language plpgsql as $$
begin
  insert into console_image_label (label, image)
  select new.id, i.id from console_image i where i.labels @> jsonb_build_object(new.key, new.value)
  on conflict do nothing;
  return null;
end $$;
create trigger label_known after insert on console_label
  for each row execute function note_label_images();
create function forget_label_images() returns trigger language plpgsql as $$
begin
  delete from console_image_label where label = old.id;
  return null;
end $$;
create trigger label_forgotten after delete on console_label
  for each row execute function forget_label_images();

insert into console_image_label (label, image)
select k.id, i.id
from console_image i cross join lateral jsonb_each_text(i.labels) l
join console_label k on k.key = l.key and k.value = l.value;

create index console_image_columns on console_image (id)
  include (newest, coverage, state, act_now, unknown, negligible, low, medium, high, critical);
