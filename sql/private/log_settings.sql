-- What workers log, as the database's settings say it. No level where nobody has set one: then each worker's own counts.
create or replace function @privschema@.log_settings()
returns table (level text, queries boolean, communication boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select max(s.value) filter (where s.name = 'log_level' and s.source <> 'default'),
         coalesce(bool_or(s.value = 'true') filter (where s.name = 'log_queries'), false),
         coalesce(bool_or(s.value = 'true') filter (where s.name = 'log_daemon_communication'), false)
  from @extschema@.steadytext_settings s
  where s.name in ('log_level', 'log_queries', 'log_daemon_communication')
$$;

revoke all on function @privschema@.log_settings from public;
comment on function @privschema@.log_settings is 'What workers log.';
