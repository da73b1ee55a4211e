-- How many images a filter of the list leaves is counted from these, without the rest of their rows.
create index console_image_exploited on console_image (id) include (newest) where exploited > 0;
create index console_image_incomplete on console_image (id) include (newest) where coverage <> 'complete';
create index console_image_changed on console_image (changed) include (newest) where changed is not null;
