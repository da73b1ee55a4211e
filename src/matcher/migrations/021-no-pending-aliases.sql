-- Every lookup of an alias read the whole pending list: after an update, that was most of the time of a report.

alter index advisory_doc_aliases set (fastupdate = off);
select gin_clean_pending_list('advisory_doc_aliases');
