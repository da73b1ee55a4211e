-- What deleted manifests referred to. Whether another manifest has it as well is found out in the background.
create table deleted_manifest (
  id bigint generated always as identity primary key,
  findings int[] not null,
  layers text[] not null
);

-- Findings without a manifest: nothing finds them by their digest any more, so nothing refers to them anew. What still
-- may, are the transactions that were open then: when all of them are over, what nobody has is deleted.
create table hidden_finding (
  id int primary key,
  horizon xid8 -- all older transactions must be over; null: not known yet
);
