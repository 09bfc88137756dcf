-- Workers that live, by the rule of served_models.
create or replace function @privschema@.live_workers()
returns setof @extschema@.steadytext_workers
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select w.* from @extschema@.steadytext_workers w where w.heartbeat_at > clock_timestamp() - interval '30 seconds'
$$;

revoke all on function @privschema@.live_workers from public;
comment on function @privschema@.live_workers is 'Workers whose heartbeat is young.';
