-- steadytext_cache_scheduled_eviction under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cache_scheduled_eviction()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.steadytext_cache_scheduled_eviction();
end
$$;

revoke all on function @extschema@.st_cache_scheduled_eviction from public;
comment on function @extschema@.st_cache_scheduled_eviction is 'Short for steadytext_cache_scheduled_eviction.';
