-- What somebody had chosen, where nobody has here, or in any case if all that was set is to be replaced. A trigger writes each one down.
create or replace function @privschema@.restore_settings(p_rows jsonb, p_replaces boolean)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_restored int;
begin
  update @extschema@.steadytext_settings s
  set value = r.value, source = 'config_set', updated_at = clock_timestamp()
  from jsonb_to_recordset(p_rows) as r (name text, value text)
  where s.name = r.name and (p_replaces or s.source = 'default') and (s.value, s.source) <> (r.value, 'config_set');
  get diagnostics v_restored = row_count;
  return v_restored;
end
$$;

revoke all on function @privschema@.restore_settings from public;
comment on function @privschema@.restore_settings is 'Restores settings; gives how many.';
