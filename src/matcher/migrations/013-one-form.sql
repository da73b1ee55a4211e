-- What is known of a CVE is there once, whichever release wrote it: one that knows no blocks writes rows, and those stand
-- instead of the feed's blocks from then on. Blocks take the place of rows where they are written (replace-enrichments.ts).

create function drop_blocks_of_written() returns trigger language plpgsql as $$
begin
  delete from enrichment_block b where b.feed in (select distinct feed from written);
  return null;
end $$;

create trigger drop_blocks_of_written after insert on enrichment
  referencing new table as written for each statement execute function drop_blocks_of_written();
