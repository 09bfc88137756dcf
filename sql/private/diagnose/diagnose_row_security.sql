-- Whether tables with rows of users hide them from others. migrate makes it so; by hand it can be turned off.
create or replace function @privschema@.diagnose_row_security()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Row Security', case when t.open is null then 'OK' else 'ERROR' end,
         coalesce('Off for ' || t.open, 'On for all tables with rows of users'),
         case when t.open is null then 'No action needed' else 'alter table … enable row level security; steadytext migrate --check lists more' end
  from (
    select string_agg(c.relname, ', ' order by c.relname) as open
    from pg_class c
    where c.relnamespace in ('@extschema@'::regnamespace, '@privschema@'::regnamespace) and c.relkind in ('r', 'p')
      and not c.relrowsecurity and c.relname not in ('virtual_times', 'claim_cursors')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped)
  ) t
$$;

revoke all on function @privschema@.diagnose_row_security from public;
comment on function @privschema@.diagnose_row_security is 'Whether tables with rows of users hide them.';
