-- What would be evicted next of what one may see, by the strategy of the settings.
create or replace function @extschema@.steadytext_cache_preview_eviction(preview_count int default 10)
returns table (cache_key text, cache_type text, model text, access_count bigint, last_accessed timestamptz, created_at timestamptz,
  age_days double precision, size_bytes bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_strategy text := @extschema@.steadytext_config_get('cache_eviction_strategy');
begin
  if preview_count is null or preview_count not between 0 and 10000 then
    perform @privschema@.raise_option('preview_count', '0 to 10000', preview_count::text, 'Name a number of entries.');
  end if;
  return query
    select e.cache_key, e.cache_type, e.model, e.access_count, e.last_accessed, e.created_at,
           date_part('epoch', clock_timestamp() - e.created_at) / 86400, e.entry_bytes::bigint
    from @extschema@.steadytext_cache e
    order by @privschema@.eviction_order(v_strategy, e.access_count, e.last_accessed, e.created_at), e.id
    limit preview_count;
end
$$;

revoke all on function @extschema@.steadytext_cache_preview_eviction from public;
comment on function @extschema@.steadytext_cache_preview_eviction is 'The kept results that would be evicted next.';
