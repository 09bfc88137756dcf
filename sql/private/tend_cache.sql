-- The fleet's own schedule: adds up hits, deletes what counts no more, and evicts what is over the sizes of the settings, unless an
-- administrator has said that it should not, or pg_cron has a job for it that our owner can see. Both at once never evict: there is one
-- turn.
create or replace function @privschema@.tend_cache()
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_jobs regclass := to_regclass('cron.job');
  v_is_left_to_cron boolean := false;
begin
  if v_jobs is not null then
    begin
      execute format($q$select exists (select from %s where active and database = current_database()
        and command ~* 'steadytext_(evict_cache|cache_scheduled_eviction)')$q$, v_jobs) into v_is_left_to_cron;
    exception when insufficient_privilege or undefined_column then
      null;
    end;
  end if;
  if @privschema@.setting('cache_eviction_enabled')::boolean and not v_is_left_to_cron then
    perform from @privschema@.evict_types(null, @privschema@.setting('cache_eviction_strategy'), null, null, 0);
  elsif @privschema@.take_eviction_turn() then
    perform @privschema@.fold_cache_touches();
    perform @privschema@.note_cache_size(t.cache_type, count(e.id), coalesce(sum(e.entry_bytes), 0)::bigint, 0, 0)
    from unnest(array['generation', 'embedding', 'reranking']) as t (cache_type)
    left join @extschema@.steadytext_cache_entries e on e.cache_type = t.cache_type
    group by t.cache_type;
  end if;
end
$$;

revoke all on function @privschema@.tend_cache from public;
comment on function @privschema@.tend_cache is 'Adds up hits, and evicts where the fleet is to do that.';
