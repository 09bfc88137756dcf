-- The entries of a user's cache under some keys, in their order; null for each that has none that counts. Counts the look, as hits and
-- misses. What it finds it reads and does not lock: nobody waits for anybody.
create or replace function @privschema@.find_kept(p_user_id int, p_request_type text, p_keys text[])
returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
  v_type text := @privschema@.cache_type_of(p_request_type);
  v_found bigint[];
  v_hits bigint[];
begin
  select array_agg(e.id order by i.position) into v_found
  from unnest(p_keys) with ordinality as i (cache_key, position)
  -- Each key by itself: planned while the cache was empty, a join read all entries of the user for each of them.
  left join lateral (
    select c.id from @privschema@.cache_states c
    join @extschema@.steadytext_models m on m.name = c.model and m.digest = c.model_digest
    where c.user_id = p_user_id and c.cache_key = i.cache_key and c.counts
    offset 0) e on true;
  v_hits := array_remove(v_found, null);
  insert into @privschema@.cache_touches (user_id, cache_type, entry_ids, misses)
  values (p_user_id, v_type, nullif(v_hits, '{}'), cardinality(p_keys) - cardinality(v_hits));
  perform @privschema@.log_cache(format('%s of %s found in %s of user %s', cardinality(v_hits), cardinality(p_keys), v_type,
    p_user_id));
  return v_found;
end
$$;

revoke all on function @privschema@.find_kept from public;
comment on function @privschema@.find_kept is 'Entries of a user''s cache under some keys, and counts the look.';
