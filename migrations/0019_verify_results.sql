-- A request that runs another one again, to compare what comes of it. No foreign key: the other one may be pruned first.
alter table @extschema@.steadytext_queue add column verifies uuid;
-- The verifications of a request, newest last. Only they are in it, so that other requests pay nothing for it.
create index queue_verifies on @extschema@.steadytext_queue (verifies, id) where verifies is not null;
