-- Whether the fleet is paused: the setting is the one truth, for workers that start later too. A row that is lost pauses nothing.
create or replace function @privschema@.is_paused()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from @extschema@.steadytext_settings s where s.name = 'enable_daemon' and s.value = 'false')
$$;

revoke all on function @privschema@.is_paused from public;
comment on function @privschema@.is_paused is 'Whether workers begin nothing new.';
