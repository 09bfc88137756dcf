-- What an administrator's login read of ALTER SYSTEM, in place of what one read before, and what became of all that is said. For
-- superusers and the owner alone: nobody else may say what the server's files have.
create or replace function @privschema@.take_system_settings(p_names text[], p_values text[])
returns table (name text, value text, outcome text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  delete from @privschema@.system_settings s where s.name <> all (p_names);
  insert into @privschema@.system_settings as s (name, value)
  select n.name, n.value from unnest(p_names, p_values) as n (name, value)
  on conflict (name) do update set value = excluded.value, read_at = excluded.read_at;
  return query select m.name, m.value, m.outcome, m.detail from @privschema@.mirror_settings() m;
end
$$;

revoke all on function @privschema@.take_system_settings from public;
comment on function @privschema@.take_system_settings is 'Keeps what ALTER SYSTEM says of settings, and takes it over.';
