-- What arrived is forgotten soon; that something arrived, and when, is not.
alter table notification_target add column last_success timestamptz;
