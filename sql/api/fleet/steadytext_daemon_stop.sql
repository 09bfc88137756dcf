-- Pauses the fleet: no worker begins anything new, also none that starts later, until it is resumed. What runs comes to its end, requests
-- are taken all the same, and what is in the cache is given.
create or replace function @extschema@.steadytext_daemon_stop()
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call) values ('pause fleet') returning answer into v_answer;
  return v_answer::boolean;
end
$$;

revoke all on function @extschema@.steadytext_daemon_stop from public;
comment on function @extschema@.steadytext_daemon_stop is 'Pauses the fleet; gives whether a worker lives.';
