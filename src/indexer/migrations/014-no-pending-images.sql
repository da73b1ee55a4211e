-- Each push by digest looks a manifest up, and read the whole pending list each time (decision 089).

alter index registry_image_manifests set (fastupdate = off);
select gin_clean_pending_list('registry_image_manifests');
