-- A way to the records that name a vulnerability as an alias: of those that have a name of their own.

create index advisory_doc_aliases on advisory_doc using gin (aliases) where aliases <> '{}' and name not like 'CVE-%';
