-- Components of an image that no feed covers, or whose feed is not loaded: a vulnerability of their package cannot be excluded.
alter table console_content add column unchecked int[] not null default '{}'; -- ascending, a part of components

update console_content c set unchecked = c.components
from console_image i where i.id = c.image and i.coverage = 'unchecked';

-- Of which of their components it is so is not stored.
update console_image set due = now()
where coverage = 'incomplete' and state = 'IndexFinished' and due is null;

create index console_content_unchecked on console_content using gin (unchecked) with (fastupdate = off)
  where unchecked <> '{}';

-- Counts by label are counted again only if a release that knows no labels has changed images: then `revision` is ahead.
alter table console_state
  add column labels_revision bigint not null default 0, -- `revision`, as far as counts by label follow it
  add column strayed timestamptz; -- when it was last found ahead
update console_state set labels_revision = revision;
