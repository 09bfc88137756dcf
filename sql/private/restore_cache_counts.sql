-- Hits and misses of users who have none here. They are not added to others: the same file twice would count twice.
create or replace function @privschema@.restore_cache_counts(p_rows jsonb, p_user_ids jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @privschema@.cache_counts
  select c.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@privschema@.cache_counts,
    r.line || jsonb_build_object('user_id', p_user_ids -> (r.line ->> 'user_id'))) c
  where c.user_id is not null
  order by c.user_id, c.cache_type
  on conflict on constraint cache_counts_pkey do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_cache_counts from public;
comment on function @privschema@.restore_cache_counts is 'Restores counts of hits and misses; gives how many.';
