-- Kept results that are not there. What was cleared here since they were made stays cleared.
create or replace function @privschema@.restore_cache_entries(p_rows jsonb, p_user_ids jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @extschema@.steadytext_cache_entries overriding user value
  select e.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@extschema@.steadytext_cache_entries,
    r.line || jsonb_build_object('user_id', p_user_ids -> (r.line ->> 'user_id'))) e
  where e.user_id is not null
    and not exists (
      select from @privschema@.cache_clears c
      where c.user_id in (0, e.user_id) and c.cache_type = e.cache_type and c.cleared_at > e.created_at)
  order by e.user_id, e.cache_key
  on conflict do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_cache_entries from public;
comment on function @privschema@.restore_cache_entries is 'Restores kept results; gives how many were not there.';
