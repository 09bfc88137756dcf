-- Prompts under slugs that nobody has taken here.
create or replace function @privschema@.restore_prompts(p_rows jsonb, p_user_ids jsonb)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @extschema@.steadytext_prompts
  select p.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@extschema@.steadytext_prompts,
    r.line || jsonb_build_object('user_id', p_user_ids -> (r.line ->> 'user_id'))) p
  where p.user_id is not null
  on conflict do nothing;
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_prompts from public;
comment on function @privschema@.restore_prompts is 'Restores prompts; gives how many were not there.';
