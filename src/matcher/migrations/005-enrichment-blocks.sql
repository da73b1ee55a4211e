-- Facts that are two probabilities of a CVE, all of which change every day: a hundred CVEs to a row.

create table enrichment_block (
  block text collate "C" not null, -- a CVE id without its last two digits
  feed int not null,
  record text[] not null, -- what stands before the id, before the first number, before the second, and at the end
  first int[] not null, -- in billionths; of the CVEs that end in 00, 01, ... 99; null where there is none
  second int[] not null,
  primary key (block, feed)
) with (fillfactor = 50); -- each of them is written every day: there is room for it on the same page

-- Of these some change every day: what does finds room on its page, and no index has to know.
alter table enrichment set (fillfactor = 90);

-- What had a row a CVE is asked for anew.
delete from enrichment where feed in (select id from feed where kind = 'enrichment' and name = 'clair.epss');
update feed set fingerprint = '', next_try = null where kind = 'enrichment' and name = 'clair.epss';

-- All that enrichers know of a CVE, an id of the form CVE-2024-1234.
create function enrichments_of(cve text) returns table (feed int, data text) language sql stable parallel safe as $$
  select e.feed, e.data::text from enrichment e where e.tag = cve
  union all
  select b.feed, concat(
    b.record[1], cve, b.record[2], b.first[right(cve, 2)::int + 1] / 1e9::float8,
    b.record[3], b.second[right(cve, 2)::int + 1] / 1e9::float8, b.record[4])
  from enrichment_block b
  where b.block = left(cve, -2) and b.first[right(cve, 2)::int + 1] is not null
$$;

-- All records, one by one.
create view enrichment_record as
  select feed, tag, data::text as data from enrichment
  union all
  select b.feed, cve.id, concat(
    b.record[1], cve.id, b.record[2], n.first / 1e9::float8, b.record[3], n.second / 1e9::float8, b.record[4])
  from enrichment_block b
  cross join lateral unnest(b.first, b.second) with ordinality as n (first, second, place)
  cross join lateral (select b.block || to_char(n.place - 1, 'FM00') collate "C" as id) cve
  where n.first is not null;
