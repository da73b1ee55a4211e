-- Advisories that say that something is not affected, and a way to the advisories of a vulnerability by its name.

alter table advisory add column asserts_unaffected boolean not null default false;

create index advisory_doc_name on advisory_doc (name);
