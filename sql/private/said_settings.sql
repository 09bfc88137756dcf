-- What is said of our settings outside of their table: by ALTER DATABASE for all roles of this database, and behind it what ALTER
-- SYSTEM says, as an administrator's login read it last. Nothing of a session, a role or the options of a connection.
create or replace function @privschema@.said_settings()
returns table (name text, said text, source text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct on (a.name) a.name, a.said, a.source
  from (
    select regexp_replace(lower(split_part(c.line, '=', 1) collate "C"), '^steadytext[.]', '') as name,
           substr(c.line, strpos(c.line, '=') + 1) as said, 'database' as source, 1 as place
    from pg_db_role_setting r cross join unnest(r.setconfig) as c (line)
    where r.setrole = 0 and r.setdatabase = (select b.oid from pg_database b where b.datname = current_database())
      and c.line collate "C" ilike 'steadytext.%'
    union all
    select s.name, s.value, 'system', 2 from @privschema@.system_settings s
  ) a
  order by a.name, a.place
$$;

revoke all on function @privschema@.said_settings from public;
comment on function @privschema@.said_settings is 'What ALTER DATABASE and ALTER SYSTEM say of settings.';
