-- What workers do every minute, for whoever does not want to wait.
create or replace function @extschema@.steadytext_config_sync()
returns table (name text, value text, outcome text, detail text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select m.name, m.value, m.outcome, m.detail from @privschema@.mirror_settings() m
$$;

revoke all on function @extschema@.steadytext_config_sync from public;
comment on function @extschema@.steadytext_config_sync is
  'Takes over what ALTER DATABASE … SET steadytext.… says: applied, unchanged, kept, reset, refused or unknown, with the reason.';
