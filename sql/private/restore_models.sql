-- Models that are not known here. One of them is the default of its kind where there is none; which one is otherwise, is what somebody
-- has set here.
create or replace function @privschema@.restore_models(p_rows jsonb, p_replaces boolean)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  insert into @extschema@.steadytext_models
  select m.*
  from jsonb_array_elements(p_rows) as r (line)
  cross join lateral jsonb_populate_record(null::@extschema@.steadytext_models, r.line || jsonb_build_object('is_default',
    (r.line ->> 'is_default')::boolean and not exists (
      select from @extschema@.steadytext_models d where d.kind = r.line ->> 'kind' and d.is_default))) m
  on conflict on constraint models_pkey do nothing;
  get diagnostics v_restored = row_count;
  if p_replaces then
    update @extschema@.steadytext_models m
    set is_default = r.is_default, updated_at = clock_timestamp()
    from (
      select n.name, coalesce(d.is_default, false) as is_default
      from jsonb_to_recordset(p_rows) as k (kind text, name text, is_default boolean)
      join @extschema@.steadytext_models n on n.kind = k.kind
      left join jsonb_to_recordset(p_rows) as d (name text, is_default boolean) on d.name = n.name
      where k.is_default) r
    where m.name = r.name and m.is_default <> r.is_default;
  end if;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_models from public;
comment on function @privschema@.restore_models is 'Restores models; gives how many were not known.';
