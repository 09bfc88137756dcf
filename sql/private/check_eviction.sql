-- What an eviction is asked to do.
create or replace function @privschema@.check_eviction(
  p_cache_type text, p_target_mb numeric, p_strategy text, p_min_age_hours int, p_target_entries int default null,
  p_batch_size int default 1)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_cache_type not in ('generation', 'embedding', 'reranking') then
    perform @privschema@.raise_option('cache_type', 'generation, embedding, reranking, or null for all', to_json(p_cache_type)::text,
      'Use one of these.');
  end if;
  if p_target_mb not between 0 and 1000000000 then
    perform @privschema@.raise_option('target size', '0 to 1000000000 MB', p_target_mb::text, 'Leave it out for the sizes of the settings.');
  end if;
  if p_strategy is null or p_strategy not in ('frecency', 'lru', 'lfu', 'fifo', 'ttl') then
    perform @privschema@.raise_option('eviction_strategy', 'frecency, lru, lfu, fifo or ttl', to_json(p_strategy)::text,
      'Use one of these.');
  end if;
  if p_batch_size is null or p_batch_size < 1 then
    perform @privschema@.raise_option('batch_size', '1 or more', p_batch_size::text, 'Leave it out: it changes nothing.');
  end if;
  if p_target_entries < 0 then
    perform @privschema@.raise_option('target_entries', '0 or more', p_target_entries::text, 'Leave it out for the setting.');
  end if;
  if p_min_age_hours is null or p_min_age_hours not between 0 and 876000 then
    perform @privschema@.raise_option('min_age_hours', '0 to 876000', p_min_age_hours::text, 'Name a number of hours.');
  end if;
end
$$;

revoke all on function @privschema@.check_eviction from public;
comment on function @privschema@.check_eviction is 'Raises where an eviction is asked for what there is not.';
