-- What waited to be indexed when the indexer was last asked: whichever replica asked it.
alter table console_state add column queue jsonb;
