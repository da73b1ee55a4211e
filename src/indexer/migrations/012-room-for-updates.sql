-- A refill that finds the same lookups changes the revision alone. With room in its page for the new row, the index on the list is not written to.
alter table manifest_finding set (fillfactor = 90);
