-- What a schedule of one's own calls, such as pg_cron's: evicts down to the sizes of the settings, by their strategy. Does nothing where
-- the setting cache_eviction_enabled is false.
create or replace function @extschema@.steadytext_cache_scheduled_eviction()
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if @privschema@.setting('cache_eviction_enabled')::boolean then
    perform from @privschema@.evict_types(null, @privschema@.setting('cache_eviction_strategy'), null, null, 0);
  end if;
end
$$;

revoke all on function @extschema@.steadytext_cache_scheduled_eviction from public;
comment on function @extschema@.steadytext_cache_scheduled_eviction is 'Evicts kept results down to the sizes of the settings.';
