-- A worker's name, which an installation chooses where hosts' names tell nothing. Workers that run already are named by the
-- next heartbeat of theirs, and their host is the name that they would have had.
alter table @extschema@.steadytext_workers add column name text;
update @extschema@.steadytext_workers set name = host;
alter table @extschema@.steadytext_workers alter column name set not null;

-- Gone for the one with a name at its end, which has a default: workers of the version before go on calling it.
drop function if exists @privschema@.heartbeat_worker(uuid, text, text, int, text, jsonb, jsonb);
