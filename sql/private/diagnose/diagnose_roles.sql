-- Whether our roles are there and include each other as they should.
create or replace function @privschema@.diagnose_roles()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Roles', case when r.missing is not null or r.apart is not null then 'ERROR' when r.strong then 'WARNING' else 'OK' end,
         case when r.missing is not null then 'Missing: ' || r.missing
              when r.apart is not null then 'Not included: ' || r.apart
              when r.strong then 'The owner role may log in, bypasses row security or is a superuser'
              else 'All roles are there, and include each other' end,
         case when r.missing is not null or r.apart is not null then 'Run steadytext migrate'
              when r.strong then 'alter role @roleprefix@steadytext_owner nologin nosuperuser nobypassrls' else 'No action needed' end
  from (
    select (select string_agg(n.name, ', ' order by n.name)
            from unnest(array['@roleprefix@steadytext_owner', '@roleprefix@steadytext_reader', '@roleprefix@steadytext_writer',
              '@roleprefix@steadytext_admin', '@roleprefix@steadytext_worker', '@roleprefix@steadytext_metrics',
              '@roleprefix@steadytext_auditor']) as n (name)
            where to_regrole(quote_ident(n.name)) is null) as missing,
           (select string_agg(i.part || ' in ' || i.whole, ', ')
            from (values ('@roleprefix@steadytext_writer', '@roleprefix@steadytext_reader'),
              ('@roleprefix@steadytext_admin', '@roleprefix@steadytext_writer')) as i (whole, part)
            where not coalesce(pg_has_role(to_regrole(quote_ident(i.whole)), to_regrole(quote_ident(i.part)), 'usage'), true)) as apart,
           exists (select from pg_roles o where o.rolname = '@roleprefix@steadytext_owner'
                     and (o.rolcanlogin or o.rolsuper or o.rolbypassrls)) as strong
  ) r
$$;

revoke all on function @privschema@.diagnose_roles from public;
comment on function @privschema@.diagnose_roles is 'Whether our roles are as they should be.';
