-- Where results of requests go that are there, of the same users, and of which nothing is known yet.
create or replace function @privschema@.restore_write_backs(p_rows jsonb, p_user_ids jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @privschema@.write_backs
  select w.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@privschema@.write_backs,
    r.line || jsonb_build_object('user_id', p_user_ids -> (r.line ->> 'user_id'))) w
  where w.outcome is not null and w.user_id is not null
    or exists (select from @extschema@.steadytext_queue q where q.request_id = w.request_id and q.user_id = w.user_id)
  order by w.request_id
  on conflict do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_write_backs from public;
comment on function @privschema@.restore_write_backs is 'Restores where results go; gives how many were not there.';
