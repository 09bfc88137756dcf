-- Every check in a row: OK, INFO where there is nothing to judge, WARNING or ERROR with what to do. The first six are those that
-- other systems have. Of all users, and no text of theirs.
create or replace function @extschema@.diagnose_steadytext()
returns table (check_name text, status text, details text, recommendation text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select * from @privschema@.diagnose_version()
    union all select * from @privschema@.diagnose_daemon()
    union all select * from @privschema@.diagnose_models()
    union all select * from @privschema@.diagnose_cache()
    union all select * from @privschema@.diagnose_queue()
    union all select * from @privschema@.diagnose_memory()
    union all select * from @privschema@.diagnose_defaults()
    union all select * from @privschema@.diagnose_leases()
    union all select * from @privschema@.diagnose_maintenance()
    union all select * from @privschema@.diagnose_partitions()
    union all select * from @privschema@.diagnose_audit_seals()
    union all select * from @privschema@.diagnose_settings()
    union all select * from @privschema@.diagnose_side_channel()
    union all select * from @privschema@.diagnose_roles()
    union all select * from @privschema@.diagnose_row_security()
    union all select * from @privschema@.diagnose_search_path()
    union all select * from @privschema@.diagnose_notices()
    union all select * from @privschema@.diagnose_bloat()
    union all select * from @privschema@.diagnose_clock();
end
$$;

revoke all on function @extschema@.diagnose_steadytext from public;
comment on function @extschema@.diagnose_steadytext is
  'Checks of fleet, models, cache, queue, settings, roles and server: OK, INFO, WARNING or ERROR each, and what to do.';
