-- Lists of detectors. A row of layer_scan whose detector is "all:" and such a digest says that all of them have looked at the
-- layer: those that found nothing have no row of their own.
create table layer_detectors (
  digest text primary key,
  detectors text[] not null
);
